import { z } from 'zod';
import type { TrainingSource } from './training-source.js';

/** Reads what `training-source.ts` recorded; apart from it, as trainings start without the schemas of reading. */

const name = z.string();

const sourceSchema: z.ZodType<TrainingSource> = z.strictObject({
  files: z.array(name).min(1),
  test: z.strictObject({ file: name, sha256: name }).optional(),
  testSplit: z.number().min(0).max(0.9),
  label: name.optional(),
  header: z.boolean().optional(),
  task: name.optional(),
  chosen: z.literal(true).optional(),
});

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
