import { REQUEST, WINDOW, type Frame } from '../model/protocol.js';
import type { Link, LinkEvent } from './link.js';
import { readReply, type Gathered, type Reply, type RowFrame } from './row-frames.js';

/** Asks all of a row, two frames under way at once, and asks again from the first that has no answer. */

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
  /** The first frame of the row after this one, to be sent with this row's last, and who hears of it: the board then loses this row. */
  readonly next: Frame | null;
  readonly onAhead: () => void;
}

/**
 * Fills `into`. What comes after RUN waits for its answer to begin: by then the board has computed. From there on each
 * question goes out as the answer to the one before begins, and with the last of them the beginning of the next row.
 * True where the row is whole, `lost-row` where it has to begin anew, null where nothing answers.
 */
export async function sendRow(
  link: Link,
  frames: readonly RowFrame[],
  into: Gathered,
  { answer, run, attempts, isRestart, onRepeat, sent: sentBefore, next, onAhead }: WindowOptions,
): Promise<true | 'lost-row' | null> {
  const runAt = frames.findIndex(({ type }) => type === REQUEST.run);
  let arrived = 0; // frames answered
  let sent = sentBefore;
  let silent = 0;
  let hasty = 0;
  let isRepeated = false;
  let isAhead = false;

  const sendAhead = (): void => {
    const more: Frame[] = frames.slice(sent, sent + 1);
    sent += more.length;
    if (sent === frames.length && next) {
      isAhead = true;
      more.push(next);
      onAhead();
    }
    link.send(...more);
  };

  while (arrived < frames.length && silent < attempts) {
    const due = arrived > runAt ? arrived + 1 : Math.min(arrived + WINDOW, runAt + 1);
    if (sent < due) link.send(...frames.slice(sent, due));
    sent = Math.max(sent, due);
    // After a repetition what comes may be the answer to its first sending, while the board computes once more.
    const isDue = arrived >= runAt && sent === arrived + 1 && (sent < frames.length || next !== null);
    link.whenHeard(isDue && !isAhead && !isRepeated ? sendAhead : null);
    const accept = (event: LinkEvent): Reply | null => {
      const reply = isRestart(event)
        ? ({ says: 'lost-row' } as const)
        : readReply(event, frames, [arrived, sent], into);
      return reply?.says === 'damage' && hasty >= MOST_HASTY ? null : reply;
    };
    const reply = await link.receive(accept, arrived === runAt ? run : answer);
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
  return arrived === frames.length ? true : null;
}
