import { z } from 'zod';
import { fieldPath } from '../../model/artifact.js';
import { t } from '../../model/messages.js';
import type { Network } from '../../model/network.js';
import { rejectData } from '../../model/problem.js';
import { currentLocale } from '../../model/schema-messages.js';
import type { LossName } from '../../trainer/loss.js';
import { LOSSES } from '../../trainer/loss.js';

/** The cost that a network was trained with. */
export interface CostSettings {
  readonly loss: LossName;
  /** λ */
  readonly l2: number;
  /** λ₁ */
  readonly l1: number;
  /** s: the share of the way from a sure target to an unknown one. */
  readonly labelSmoothing: number;
  /** n, the rows it was trained on. */
  readonly rows: number;
  /** What else the training used, such as `dropout 0.2`: not shown in formulas. */
  readonly leftOut: readonly string[];
}

/** Options that change what training minimises and no formula shows, and the value that stands for "not used". */
const NOT_SHOWN: Readonly<Record<string, unknown>> = {
  dropout: 0,
  inputNoise: 0,
  classWeights: 'none',
  weightDecay: 0,
};

const trainingSchema = z.object({
  options: z.looseObject({
    loss: z.enum(Object.keys(LOSSES) as LossName[]),
    l2: z.number().min(0),
    l1: z.number().min(0).default(0),
    labelSmoothing: z.number().min(0).max(1).default(0),
  }),
  rows: z.number().int().min(1),
});

/** Reads them from `network.training`. Throws a `Problem` (`unknown-cost`) where they are missing or contradict. */
export function costSettings({ training, layers }: Network, file: string): CostSettings {
  const hint = t`train the network again: neurona train writes them`;
  const parsed = trainingSchema.safeParse(training, currentLocale());
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    const field = fieldPath(['training', ...path]);
    rejectData('unknown-cost', t`it does not say which cost it was trained with: ${field}: ${message}`, {
      file,
      hint,
    });
  }
  const { options, rows } = parsed.data;
  const { activation } = layers[layers.length - 1];
  const { outputs } = LOSSES[options.loss];
  if (!outputs.includes(activation)) {
    const expected = outputs.join(', ');
    rejectData('unknown-cost', t`loss ${options.loss} goes with ${expected}; the output is ${activation}`, {
      file,
      hint,
    });
  }
  const leftOut = Object.entries(NOT_SHOWN)
    .filter(([name, unused]) => (options[name] ?? unused) !== unused)
    .map(([name]) => `${name} ${String(options[name])}`);
  const { loss, l2, l1, labelSmoothing } = options;
  return { loss, l2, l1, labelSmoothing, rows, leftOut };
}
