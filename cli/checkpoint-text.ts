import { endianness } from 'node:os';
import { artifactText } from '../model/artifact.js';
import type { SavedState, StateArray } from '../trainer/carried-state.js';
import type { RunIdentity } from './run-identity.js';

/** `network.checkpoint.json`, a training between two epochs, as `checkpoint-file.ts` reads it. */

export interface Checkpoint {
  /** The words after `neurona` that continue it. */
  readonly command: readonly string[];
  readonly run: RunIdentity;
  /** As the trainer saved it. */
  readonly state: SavedState;
}

/** An array of the state as the file holds it. */
export interface EncodedArray {
  readonly type: 'u32' | 'f32' | 'f64';
  /** Base64 of the little-endian bytes. */
  readonly values: string;
}

/** Finished epochs of a saved training. */
export const epochsOf = (state: SavedState): number => state.loss.length;

/** `network.json` → `network.checkpoint.json` */
export const checkpointFileOf = (artifact: string): string =>
  `${artifact.replace(/\.json$/i, '')}.checkpoint.json`;

/** Between the computer's order of bytes and little-endian, in place; in either direction. */
export function toggleOrder(bytes: Buffer, width: number): Buffer {
  if (endianness() === 'LE') return bytes;
  return width === 8 ? bytes.swap64() : bytes.swap32();
}

function encode(array: StateArray): EncodedArray {
  const type = array instanceof Uint32Array ? 'u32' : array instanceof Float32Array ? 'f32' : 'f64';
  const bytes = Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return { type, values: toggleOrder(bytes, array.BYTES_PER_ELEMENT).toString('base64') };
}

export function checkpointText({ command, run, state }: Checkpoint): string {
  const arrays = Object.fromEntries(Object.entries(state).map(([name, array]) => [name, encode(array)]));
  return artifactText('checkpoint', { command, run, state: arrays }).text;
}
