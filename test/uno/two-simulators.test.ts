import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { benchModel, benchRows } from '../../bench/networks.js';
import { kernelNames } from '../../codegen/kernels.js';
import { findBoard } from '../../model/board.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import {
  AVR_BOARDS,
  compileAvrBatch,
  runInAvr8js,
  runInQemu,
  writeAvrBatch,
  type AvrBoard,
} from '../support/avr-batch.js';
import { answerWidth, referenceAnswers } from '../support/core-batch.js';
import { digests, drawnRows } from '../support/drawn-rows.js';
import { livelyModel, randomModel, randomRows } from '../support/random-model.js';

/** Two simulators that know nothing of each other run the same program and give the reference's answers, byte by byte. */

/** Of each kind: most of those with extremes have but one answer, whatever the row. */
const MODELS = { extreme: 54, lively: 50 };
const ROWS = 20;
/** Of each model, beside those that are answered in full. */
const MORE_ROWS = { extreme: 50, lively: 1000 };
/** Of the second network and the first, in both kinds of time. */
const FEW_ROWS = 10;
const MANY_ROWS = 200;
/** As the Arduino IDE links for a Mega: with calls and jumps made shorter. */
const RELAXED = ['-Wl,--relax'];
/** Models in one program: the Mega's constants must be less than 62 KB. */
const BATCHES: Readonly<Record<AvrBoard, number>> = { uno: 4, mega: 15 };
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-two-simulators-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = createRandom(2560);
const networks = [
  { name: 'small', widths: [4, 8, 3], zeros: 0.3, rows: MANY_ROWS },
  { name: 'larger', widths: [16, 20, 4], zeros: 0.3, rows: FEW_ROWS },
];
const withRows = (model: QuantizedModel) => ({ model, raw: randomRows(random, model, ROWS) });
const models = {
  extreme: [
    ...networks.map((network) => ({
      model: benchModel(network),
      raw: benchRows(network, network.rows, 3),
    })),
    ...Array.from({ length: MODELS.extreme }, () => withRows(randomModel(random, 4, 24))),
  ],
  lively: Array.from({ length: MODELS.lively }, () => withRows(livelyModel(random, 3, 12))),
};
type Kind = keyof typeof models;

const batches = (Object.keys(AVR_BOARDS) as AvrBoard[]).flatMap((id) =>
  (Object.keys(models) as Kind[]).flatMap((kind) => {
    const board = findBoard(id);
    const compact = { ...board, flashBytes: null };
    const cases = models[kind].flatMap(({ model, raw }, k) => {
      const fast = { model, raw, board: k % 3 === 2 ? compact : board, constantTime: false };
      if (kind === 'extreme' && k < networks.length) return [fast, { ...fast, constantTime: true }];
      return [{ ...fast, constantTime: k % 2 === 0 }];
    });
    const size = BATCHES[id];
    return Array.from({ length: Math.ceil(cases.length / size) }, (_, b) => {
      const place = path.join(folder, `${id}-${kind}${b}`);
      return { id, kind, b, place, ...writeAvrBatch(place, cases.slice(b * size, (b + 1) * size)) };
    });
  }),
);

test('the rows of lively models have many answers', () => {
  const counts = models.lively.map(({ model }) => {
    const answers = referenceAnswers({ model, raw: drawnRows(model, MORE_ROWS.lively) });
    return new Set(digests(answers, answerWidth(model))).size;
  });
  counts.sort((a, b) => a - b);
  expect(counts[0]).toBeGreaterThan(1);
  expect(counts[Math.floor(MODELS.lively / 4)]).toBeGreaterThan(200);
});

test.each(Object.keys(AVR_BOARDS))('these models take every kernel of an AVR: %s', (board) => {
  const kernels = batches.filter(({ id }) => id === board).flatMap((batch) => batch.kernels);
  expect([...new Set(kernels)].sort()).toEqual(kernelNames('avr').sort());
});

test.each(batches)(
  '$id, $kind models, batch $b',
  { timeout: 120_000 },
  async ({ id, kind, b, place, dialogue }) => {
    await compileAvrBatch(place, id, id === 'mega' && b % 2 === 0 ? RELAXED : []);
    const drawn = dialogue(MORE_ROWS[kind]);
    const onTheLine = dialogue(MORE_ROWS[kind], 'on the line');
    expect(onTheLine.expected.equals(drawn.expected)).toBe(true);
    const answers = await Promise.all([runInQemu(place, id, drawn), runInAvr8js(place, id, onTheLine)]);
    for (const answer of answers) expect(answer.equals(drawn.expected)).toBe(true);
  },
);
