import {
  ANSWER_BIT,
  NAK,
  NAK_REASON,
  REQUEST,
  WINDOW,
  decodeAck,
  decodeResult,
  encodeData,
  featuresPerChunk,
  type Frame,
  type Hello,
  type RowResult,
} from '../model/protocol.js';
import { DAMAGE, type Link, type LinkEvent } from './link.js';

/** Sends the frames of a row, two under way at once, and sends again from the first that did not arrive. */

export interface RowFrame extends Frame {
  /** The feature after its last. */
  readonly end: number;
}

/** raw (features,) -> the frames of the row, each with a number of its own; the last one is RUN. */
export function rowFrames(raw: Int32Array, { rawBytes }: Hello, nextSequence: () => number): RowFrame[] {
  const chunk = featuresPerChunk(rawBytes);
  return Array.from({ length: Math.ceil(raw.length / chunk) }, (_, k) => {
    const first = k * chunk;
    const part = raw.subarray(first, first + chunk);
    const end = first + part.length;
    const type = end === raw.length ? REQUEST.run : REQUEST.data;
    return { sequence: nextSequence(), type, payload: encodeData(first, part, rawBytes), end };
  });
}

type Reply =
  | { readonly says: 'result'; readonly result: RowResult }
  | { readonly says: 'arrived'; readonly index: number }
  | { readonly says: 'lost-row' }
  | { readonly says: 'damage' };

/**
 * What an event says about the frames that are not yet answered, from `oldest` on; null for what is none of theirs. A
 * late answer to an earlier frame carries another number. An answer also stands for every frame before its own.
 */
function readReply(event: LinkEvent, frames: readonly RowFrame[], oldest: number): Reply | null {
  if (event === DAMAGE) return { says: 'damage' };
  const { sequence, type, payload } = event;
  if (type === NAK && payload[0] === NAK_REASON.damaged) return { says: 'damage' };
  const index = frames.findIndex((frame, k) => k >= oldest && frame.sequence === sequence);
  if (index < 0) return null;
  // A board that refuses a later frame has missed an earlier one; one that refuses the oldest has lost the row.
  if (type === NAK) return { says: index === oldest ? 'lost-row' : 'damage' };
  if (type !== (frames[index].type | ANSWER_BIT)) return null;
  if (frames[index].type === REQUEST.data)
    return decodeAck(payload) === frames[index].end ? { says: 'arrived', index } : null;
  const result = decodeResult(payload);
  return result && { says: 'result', result };
}

/** Repetitions at the sight of damage before only a deadline leads to another: noise must not make a flood. */
const MOST_HASTY = 3;

export interface WindowOptions {
  /** Patience in milliseconds for the answer to a frame, and to RUN. */
  readonly answer: number;
  readonly run: number;
  readonly attempts: number;
  /** Whether this is the board's word that it was reset. */
  readonly isRestart: (event: LinkEvent) => boolean;
  readonly onRepeat: () => void;
  /** Frames that went out before: with the row before this one. */
  readonly sent: number;
  /**
   * Sends the beginning of the row after this one. Called when the answer to RUN begins to come, for by then the board has
   * computed, and nothing but that answer is under way. From then on the board has lost this row.
   */
  readonly sendAhead: (() => void) | null;
}

/** The board's result, `lost-row` where the row has to begin anew, or null where nothing answers. */
export async function sendRow(
  link: Link,
  frames: readonly RowFrame[],
  { answer, run, attempts, isRestart, onRepeat, sent: sentBefore, sendAhead }: WindowOptions,
): Promise<RowResult | 'lost-row' | null> {
  let arrived = 0; // frames answered
  let sent = sentBefore;
  let silent = 0;
  let hasty = 0;
  let isRepeated = false;
  let isAhead = false;
  while (silent < attempts) {
    for (; sent < Math.min(arrived + WINDOW, frames.length); sent++) link.send(frames[sent]);
    const isLast = arrived === frames.length - 1;
    // After a repetition what comes may be the answer to its first sending, while the board computes once more.
    const mayGoAhead = isLast && sendAhead && !isRepeated;
    link.whenHeard(
      mayGoAhead
        ? () => {
            isAhead = true;
            sendAhead();
          }
        : null,
    );
    const accept = (event: LinkEvent): Reply | null => {
      const reply = isRestart(event) ? ({ says: 'lost-row' } as const) : readReply(event, frames, arrived);
      return reply?.says === 'damage' && hasty >= MOST_HASTY ? null : reply;
    };
    const reply = await link.receive(accept, isLast ? run : answer);
    if (reply?.says === 'result') return reply.result;
    if (reply?.says === 'lost-row') return 'lost-row';
    if (reply?.says === 'arrived') {
      arrived = reply.index + 1;
      sent = Math.max(sent, arrived);
      silent = 0;
      hasty = 0;
      continue;
    }
    isRepeated = true;
    if (isAhead) return 'lost-row';
    if (reply) hasty++;
    else {
      silent++;
      hasty = 0;
    }
    sent = arrived;
    if (silent < attempts) onRepeat();
  }
  return null;
}
