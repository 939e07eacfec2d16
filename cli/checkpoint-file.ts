import { endianness } from 'node:os';
import { z } from 'zod';
import { artifactText, readArtifact } from '../model/artifact.js';
import { rejectData } from '../model/problem.js';
import { STATE_ARRAYS, type SavedState, type StateArray } from '../trainer/carried-state.js';
import type { RunIdentity } from './run-identity.js';

/** `network.checkpoint.json`: a training between two epochs, as a file. */

export interface Checkpoint {
  /** The words after `neurona` that continue it. */
  readonly command: readonly string[];
  readonly run: RunIdentity;
  /** As the trainer saved it. */
  readonly state: SavedState;
}

/** Finished epochs of a saved training. */
export const epochsOf = (state: SavedState): number => state.loss.length;

/** `network.json` → `network.checkpoint.json` */
export const checkpointFileOf = (artifact: string): string =>
  `${artifact.replace(/\.json$/i, '')}.checkpoint.json`;

const arraySchema = z.strictObject({
  type: z.enum(Object.keys(STATE_ARRAYS) as (keyof typeof STATE_ARRAYS)[]),
  /** Base64 of the little-endian bytes. */
  values: z.string(),
});

const checkpointSchema = z.strictObject({
  command: z.array(z.string()),
  run: z.record(z.string(), z.unknown()),
  state: z.record(z.string(), arraySchema),
});

/** Between the computer's order of bytes and little-endian, in place; in either direction. */
function toggleOrder(bytes: Buffer, width: number): Buffer {
  if (endianness() === 'LE') return bytes;
  return width === 8 ? bytes.swap64() : bytes.swap32();
}

function encode(array: StateArray): z.infer<typeof arraySchema> {
  const type = array instanceof Uint32Array ? 'u32' : array instanceof Float32Array ? 'f32' : 'f64';
  const bytes = Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return { type, values: toggleOrder(bytes, array.BYTES_PER_ELEMENT).toString('base64') };
}

function decode(name: string, { type, values }: z.infer<typeof arraySchema>, file: string): StateArray {
  const width = STATE_ARRAYS[type].BYTES_PER_ELEMENT;
  const bytes = Buffer.from(values, 'base64');
  if (bytes.length % width !== 0 || bytes.toString('base64') !== values) {
    rejectData('wrong-field', `state["${name}"].values: expected base64 of numbers of ${width} bytes`, {
      file,
      hint: 'the file was changed by hand or damaged; train from the start',
    });
  }
  toggleOrder(bytes, width);
  return new STATE_ARRAYS[type](new Uint8Array(bytes).buffer);
}

export function checkpointText({ command, run, state }: Checkpoint): string {
  const arrays = Object.fromEntries(Object.entries(state).map(([name, array]) => [name, encode(array)]));
  return artifactText('checkpoint', { command, run, state: arrays }).text;
}

/** Throws a `Problem` naming file and field; see `readArtifact`. */
export function readCheckpoint(file: string): Checkpoint {
  const { command, run, state } = readArtifact(file, 'checkpoint', checkpointSchema).body;
  const arrays = Object.entries(state).map(([name, array]) => [name, decode(name, array, file)] as const);
  return { command, run, state: Object.fromEntries(arrays) };
}
