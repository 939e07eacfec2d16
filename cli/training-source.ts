import path from 'node:path';
import { z } from 'zod';
import type { Dataset } from '../dataset/dataset.js';
import type { TrainSettings } from './training.js';

/** `training.source` of network.json: which rows it was trained and tested on, so that others find the same ones. */

const name = z.string();

const sourceSchema = z.strictObject({
  /** Without their folders, so that a network does not depend on where its data lay. */
  files: z.array(name).min(1),
  /** The test file, and the SHA-256 of what was read from it. */
  test: z.strictObject({ file: name, sha256: name }).optional(),
  /** Share of the rows that was set aside for testing; the seed is that of the training. */
  testSplit: z.number().min(0).max(0.9),
  label: name.optional(),
  header: z.boolean().optional(),
  task: name.optional(),
  /** Some columns were left out; which ones, no artefact says. */
  chosen: z.literal(true).optional(),
});

export type TrainingSource = z.infer<typeof sourceSchema>;

/** What to record of a training; `test` are the rows of the test part, of a file of their own or not. */
export function sourceOf(
  patterns: readonly string[],
  { label, header, task, features, ignore, test: testFile }: TrainSettings,
  test: Dataset | null,
  testSplit: number,
): TrainingSource {
  return {
    files: patterns.map((pattern) => path.basename(pattern)),
    ...(testFile !== undefined && test && { test: { file: path.basename(testFile), sha256: test.sha256 } }),
    testSplit,
    label,
    header,
    task,
    ...((features ?? ignore) && { chosen: true }),
  };
}

const trainingSchema = z.object({
  data: z.string(),
  source: sourceSchema,
  options: z.looseObject({ seed: z.number().int().min(0) }),
});

export interface RecordedSource extends TrainingSource {
  /** SHA-256 over the bytes of `files`. */
  readonly sha256: string;
  readonly seed: number;
}

/** What `network.training` says of its rows; null where it is of an earlier neurona, or made by hand. */
export function recordedSource(training: Readonly<Record<string, unknown>>): RecordedSource | null {
  const { data, success } = trainingSchema.safeParse(training);
  return success ? { ...data.source, sha256: data.data, seed: data.options.seed } : null;
}
