import { z } from 'zod';
import { readArtifact } from '../model/artifact.js';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { STATE_ARRAYS, type StateArray } from '../trainer/carried-state.js';
import { toggleOrder, type Checkpoint, type EncodedArray } from './checkpoint-text.js';

const arraySchema = z.strictObject({
  type: z.enum(Object.keys(STATE_ARRAYS) as (keyof typeof STATE_ARRAYS)[]),
  values: z.string(),
});

const checkpointSchema = z.strictObject({
  command: z.array(z.string()),
  run: z.record(z.string(), z.unknown()),
  state: z.record(z.string(), arraySchema),
});

function decode(name: string, { type, values }: EncodedArray, file: string): StateArray {
  const width = STATE_ARRAYS[type].BYTES_PER_ELEMENT;
  const bytes = Buffer.from(values, 'base64');
  if (bytes.length % width !== 0 || bytes.toString('base64') !== values) {
    rejectData('wrong-field', t`state["${name}"].values: expected base64 of numbers of ${width} bytes`, {
      file,
      hint: t`the file was changed by hand or damaged; train from the start`,
    });
  }
  toggleOrder(bytes, width);
  return new STATE_ARRAYS[type](new Uint8Array(bytes).buffer);
}

/** Reads `network.checkpoint.json`. Throws a `Problem` naming file and field; see `readArtifact`. */
export function readCheckpoint(file: string): Checkpoint {
  const { command, run, state } = readArtifact(file, 'checkpoint', checkpointSchema).body;
  const arrays = Object.entries(state).map(([name, array]) => [name, decode(name, array, file)] as const);
  return { command, run, state: Object.fromEntries(arrays) };
}
