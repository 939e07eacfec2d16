import { rowActivity } from '../codegen/activity.js';
import { estimate } from '../codegen/estimate.js';
import { layOut } from '../codegen/layout.js';
import type { Board } from '../model/board.js';
import { entryOf } from '../model/network.js';
import { createRandom, type Random } from '../model/random.js';
import type { CostSample } from './cost-samples.js';

/** Rows that take long: the worst case has to hold for them, too. */

const STEPS = 150;
/** Of so many rows of a sample, the last. */
const HARD_SHARE = 0.5;

/** A value of a feature for which its input is 0, 1, the largest, or any. */
function drawValue(random: Random, low: number, span: number, maximum: number): number {
  const inputs = [0, Math.ceil(span / maximum), span, random.below(span + 1)];
  return low + Math.min(span, inputs[random.below(inputs.length)]);
}

/** The sample with half of its rows changed, feature by feature, as long as they get no quicker by their estimates. */
export function withHardRows(sample: CostSample, known: Board, seed: number): CostSample {
  const { model, constantTime, compact } = sample;
  const board = compact ? { ...known, flashBytes: null } : known;
  const layout = layOut(model, board, constantTime, 'm');
  const random = createRandom(seed);
  const { features, low, span, maximum } = model.input;
  const raw = sample.raw.slice();
  const rows = raw.length / features.length;
  for (let r = Math.ceil(rows * (1 - HARD_SHARE)); r < rows; r++) {
    const row = raw.subarray(r * features.length, (r + 1) * features.length);
    const time = (): number =>
      estimate(model, board, board.formats[0], layout, [rowActivity(model, row)]).cycles!.typical;
    let longest = time();
    for (let step = 0; step < STEPS; step++) {
      const i = random.below(features.length);
      const before = row[i];
      row[i] = drawValue(random, entryOf(low, i), entryOf(span, i), maximum);
      const now = time();
      if (now < longest) row[i] = before;
      else longest = now;
    }
  }
  return { ...sample, raw };
}
