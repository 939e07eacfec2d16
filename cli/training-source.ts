import path from 'node:path';
import type { Dataset } from '../dataset/dataset.js';
import type { TrainSettings } from './training.js';

/** `training.source` of network.json: which rows it was trained and tested on, so that others find the same ones. */
export interface TrainingSource {
  /** Without their folders, so that a network does not depend on where its data lay. */
  readonly files: string[];
  /** The test file, and the SHA-256 of what was read from it. */
  readonly test?: { readonly file: string; readonly sha256: string };
  /** Share of the rows that was set aside for testing; the seed is that of the training. */
  readonly testSplit: number;
  readonly label?: string;
  readonly header?: boolean;
  readonly task?: string;
  /** Some columns were left out; which ones, no artefact says. */
  readonly chosen?: true;
}

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
