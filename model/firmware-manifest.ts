import { z } from 'zod';
import { FORMAT_NAMES } from './board.js';

/** `neurona.json` in a generated folder: what it is, and which files belong to it. */
export const firmwareManifestSchema = z.strictObject({
  tool: z.string(), // "neurona 0.1.0"
  command: z.string(),
  board: z.string(),
  format: z.enum(FORMAT_NAMES),
  /** Prefix of all C names. */
  name: z.string(),
  modelHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Path in the folder, with `/`, to the SHA-256 of what was written. */
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});

export type FirmwareManifest = z.infer<typeof firmwareManifestSchema>;

export const MANIFEST_FILE = 'neurona.json';
export const MODEL_FILE = 'model.json';
/** Compilers write here, inside the generated folder; not part of the manifest. */
export const BUILD_FOLDER = 'build';
