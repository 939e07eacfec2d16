import { z } from 'zod';
import { fieldPath } from '../../model/artifact.js';
import type { Network } from '../../model/network.js';
import { rejectData } from '../../model/problem.js';
import type { LossName } from '../../trainer/loss.js';
import { LOSSES } from '../../trainer/loss.js';

/** The cost that a network was trained with: its loss, λ and n. */
export interface CostSettings {
  readonly loss: LossName;
  /** λ */
  readonly l2: number;
  /** n, the rows it was trained on. */
  readonly rows: number;
  /** What else the training used, such as `dropout 0.2`: not part of the lecture's cost, so left out here. */
  readonly leftOut: readonly string[];
}

/** Options that change what training minimises, and the value that stands for "not used". */
const BEYOND_THE_LECTURE: Readonly<Record<string, unknown>> = {
  l1: 0,
  dropout: 0,
  inputNoise: 0,
  labelSmoothing: 0,
  classWeights: 'none',
  weightDecay: 0,
};

const trainingSchema = z.object({
  options: z.looseObject({
    loss: z.enum(Object.keys(LOSSES) as LossName[]),
    l2: z.number().min(0),
  }),
  rows: z.number().int().min(1),
});

/** Reads them from `network.training`. Throws a `Problem` (`unknown-cost`) where they are missing or contradict. */
export function costSettings({ training, layers }: Network, file: string): CostSettings {
  const hint = 'train the network again: neurona train writes them';
  const parsed = trainingSchema.safeParse(training);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    const field = fieldPath(['training', ...path]);
    rejectData('unknown-cost', `it does not say which cost it was trained with: ${field}: ${message}`, {
      file,
      hint,
    });
  }
  const { options, rows } = parsed.data;
  const { activation } = layers[layers.length - 1];
  const { outputs } = LOSSES[options.loss];
  if (!outputs.includes(activation)) {
    const expected = outputs.join(', ');
    rejectData('unknown-cost', `loss ${options.loss} goes with ${expected}; the output is ${activation}`, {
      file,
      hint,
    });
  }
  const leftOut = Object.entries(BEYOND_THE_LECTURE)
    .filter(([name, unused]) => (options[name] ?? unused) !== unused)
    .map(([name]) => `${name} ${String(options[name])}`);
  return { loss: options.loss, l2: options.l2, rows, leftOut };
}
