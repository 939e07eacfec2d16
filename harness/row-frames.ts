import {
  ANSWER_BIT,
  NAK,
  NAK_REASON,
  OUTPUTS_IN_ANSWER,
  OUTPUTS_IN_RESULT,
  REQUEST,
  decodeAck,
  decodeOutputs,
  decodeResult,
  encodeData,
  encodeOutputsRequest,
  featuresPerChunk,
  type Frame,
  type Hello,
} from '../model/protocol.js';
import { DAMAGE, type LinkEvent } from './link.js';

/** All questions that a row takes, and what their answers say. */

export interface RowFrame extends Frame {
  /** The feature, output or value after the last that it brings or asks for. */
  readonly end: number;
}

/** What a board says about a row, as far as it has said it. */
export interface Gathered {
  class: number;
  cycles: number;
  readonly outputs: Int32Array;
  readonly values: Int32Array;
}

export const nothingYet = ({ outputs, classes }: Hello): Gathered => ({
  class: 0,
  cycles: 0,
  outputs: new Int32Array(outputs),
  values: new Int32Array(classes === 0 ? outputs : 0),
});

/** Ends of the parts in which `from`..`to` is asked for. */
function endsOf(from: number, to: number, part: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / part) }, (_, k) => Math.min(from + (k + 1) * part, to));
}

/**
 * raw (features,) -> the frames of the row, each with a number of its own: features, the last of them with RUN, then the
 * questions for the outputs that its answer has no room for, and for the values of a regression.
 */
export function rowFrames(raw: Int32Array, hello: Hello, nextSequence: () => number): RowFrame[] {
  const { rawBytes, outputs, classes } = hello;
  const chunk = featuresPerChunk(rawBytes);
  const features = endsOf(0, raw.length, chunk).map((end, k): RowFrame => {
    const type = end === raw.length ? REQUEST.run : REQUEST.data;
    const payload = encodeData(k * chunk, raw.subarray(k * chunk, end), rawBytes);
    return { sequence: nextSequence(), type, payload, end };
  });
  const asking = (type: number, from: number, to: number): RowFrame[] =>
    endsOf(from, to, OUTPUTS_IN_ANSWER).map((end, k) => {
      const payload = encodeOutputsRequest(from + k * OUTPUTS_IN_ANSWER);
      return { sequence: nextSequence(), type, payload, end };
    });
  return [
    ...features,
    ...asking(REQUEST.outputs, OUTPUTS_IN_RESULT, outputs),
    ...asking(REQUEST.values, 0, classes === 0 ? outputs : 0),
  ];
}

/** Puts what answers a frame where it belongs; false where it is no answer to it. */
function take({ type, end }: RowFrame, payload: Uint8Array, gathered: Gathered): boolean {
  if (type === REQUEST.data) return decodeAck(payload) === end;
  if (type === REQUEST.run) {
    const result = decodeResult(payload);
    if (result?.outputs.length !== Math.min(gathered.outputs.length, OUTPUTS_IN_RESULT)) return false;
    gathered.class = result.class;
    gathered.cycles = result.cycles;
    gathered.outputs.set(result.outputs);
    return true;
  }
  const more = decodeOutputs(payload);
  if (!more || more.first + more.outputs.length !== end) return false;
  (type === REQUEST.outputs ? gathered.outputs : gathered.values).set(more.outputs, more.first);
  return true;
}

export type Reply =
  | { readonly says: 'arrived'; readonly index: number }
  | { readonly says: 'lost-row' }
  | { readonly says: 'damage' };

/**
 * What an event says about the frames under way, `oldest` to `sent`; null for what is none of theirs. A late answer to an
 * earlier frame carries another number. An answer to DATA or RUN also stands for every frame before its own.
 */
export function readReply(
  event: LinkEvent,
  frames: readonly RowFrame[],
  [oldest, sent]: readonly [number, number],
  gathered: Gathered,
): Reply | null {
  if (event === DAMAGE) return { says: 'damage' };
  const { sequence, type, payload } = event;
  if (type === NAK && payload[0] === NAK_REASON.damaged) return { says: 'damage' };
  const index = frames.findIndex((frame, k) => k >= oldest && k < sent && frame.sequence === sequence);
  if (index < 0) return null;
  // A board that refuses a later frame has missed an earlier one; one that refuses the oldest has lost the row.
  if (type === NAK) return { says: index === oldest ? 'lost-row' : 'damage' };
  const frame = frames[index];
  if (type !== (frame.type | ANSWER_BIT) || !take(frame, payload, gathered)) return null;
  const standsForAll = frame.type === REQUEST.data || frame.type === REQUEST.run;
  return index > oldest && !standsForAll ? { says: 'damage' } : { says: 'arrived', index };
}
