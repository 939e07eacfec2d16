import type { Prediction } from '../model/infer.js';
import { t } from '../model/messages.js';
import type { Problem } from '../model/problem.js';
import {
  ANSWER_BIT,
  BOOT_SEQUENCE,
  NAK,
  NAK_REASON,
  REQUEST,
  decodeHello,
  decodeStack,
  type Hello,
  type RequestType,
} from '../model/protocol.js';
import { findBoard, helloOf, trouble } from './greeting.js';
import { DAMAGE, openLink, type ByteLog, type LinkEvent } from './link.js';
import type { Port } from './port.js';
import { nothingYet, rowFrames, type RowFrame } from './row-frames.js';
import { sendRow } from './row-window.js';

/** All that a board says about a row. */
export interface RowAnswer extends Prediction {
  readonly cycles: number;
}

/** One conversation with one board, every question repeated until it is answered. */
export interface Session {
  readonly hello: Hello;
  /**
   * raw (features,) -> class, all raw outputs, values, cycles. Rejects with a `Problem` where the link does not recover.
   * `next`: what will be run next, if known: its beginning travels while the answer comes.
   */
  run(raw: Int32Array, next?: Int32Array): Promise<RowAnswer>;
  /** The deepest that the board's stack has been, in bytes; null where it cannot tell. */
  stackBytes(): Promise<number | null>;
  /** Times that something had to be sent again. */
  readonly retries: number;
}

/** Patience in milliseconds, and how often it is had. */
export interface Timing {
  /** How long a board may stay silent after its reset: nothing is sent before, for the bootloader would read it. */
  readonly boot: number;
  /** From the end of `boot` until the search for a board is given up. */
  readonly hello: number;
  readonly answer: number;
  /** The forward pass of a large network takes its time. */
  readonly run: number;
  readonly attempts: number;
}

export const TIMING: Timing = { boot: 0, hello: 3_000, answer: 300, run: 1_500, attempts: 10 };

export interface SessionOptions {
  /** SHA-256 of the model the board should run, as hex. */
  readonly modelHash: string;
  /** Baud rate of the board, for the hint; null where there is none. */
  readonly baudRate: number | null;
  readonly timing?: Partial<Timing>;
  /** Gets every byte, in either direction. */
  readonly log?: ByteLog;
}

/**
 * Waits for the board's hello and checks it. The port belongs to the session from then on, except that its
 * owner closes it. Throws what `findBoard` throws.
 */
export async function openSession(port: Port, options: SessionOptions): Promise<Session> {
  const timing = { ...TIMING, ...options.timing };
  const link = openLink(port, options.log);
  let sequence = BOOT_SEQUENCE;
  let retries = 0;

  const nextSequence = (): number => (sequence = (sequence % 255) + 1);
  const isRestart = (event: LinkEvent): boolean =>
    event !== DAMAGE && event.sequence === BOOT_SEQUENCE && helloOf(event) !== null;
  const noAnswer = (): Problem =>
    trouble(
      'no-answer',
      t`${port.path}: the board did not answer, though asked ${timing.attempts} times`,
      t`check the cable; a reset of the board helps where its program hangs`,
    );

  /**
   * The answer, or null where the board has lost the row: it was reset, or says so. A late answer to an
   * earlier question carries another number and is dropped; one to this question's first asking is as good
   * as one to its second, because the board computes the same again.
   */
  const ask = async <T>(
    type: RequestType,
    payload: Uint8Array,
    decode: (payload: Uint8Array) => T | null,
    milliseconds: number,
  ): Promise<T | null> => {
    const number = nextSequence();
    const accept = (event: LinkEvent): { value: T | null } | null => {
      if (isRestart(event)) return { value: null };
      if (event === DAMAGE || event.sequence !== number) return null;
      if (event.type === NAK && event.payload[0] === NAK_REASON.restartRow) return { value: null };
      const value = event.type === (type | ANSWER_BIT) ? decode(event.payload) : null;
      return value === null ? null : { value };
    };
    for (let attempt = 0; attempt < timing.attempts; attempt++) {
      if (attempt > 0) retries++;
      link.send({ sequence: number, type, payload });
      const answer = await link.receive(accept, milliseconds);
      if (answer) return answer.value;
    }
    throw noAnswer();
  };

  const hello = await findBoard(port, link, { ...options, ...timing, nextSequence });

  /** A row whose first frame has been sent. */
  let ahead: { readonly raw: Int32Array; readonly frames: readonly RowFrame[] } | null = null;

  /** The beginning of another row must not become that of this one, should its own be damaged. */
  const forgetRow = async (): Promise<void> => {
    for (let attempt = 0; attempt < timing.attempts; attempt++)
      if (await ask(REQUEST.hello, new Uint8Array(), decodeHello, timing.answer)) return;
  };

  /** Null where the board lost the row on the way. */
  const tryRow = async (raw: Int32Array, next: Int32Array | undefined): Promise<RowAnswer | null> => {
    if (ahead && ahead.raw !== raw) await forgetRow();
    const begun = ahead?.raw === raw ? ahead.frames : null;
    ahead = null;
    const following = next ? { raw: next, frames: rowFrames(next, hello, nextSequence) } : null;
    const gathered = nothingYet(hello);
    const isWhole = await sendRow(link, begun ?? rowFrames(raw, hello, nextSequence), gathered, {
      ...timing,
      isRestart,
      onRepeat: () => retries++,
      sent: begun ? 1 : 0,
      next: following && following.frames[0],
      onAhead: () => (ahead = following),
    });
    link.whenHeard(null);
    if (isWhole === null) throw noAnswer();
    return isWhole === 'lost-row' ? null : gathered;
  };

  return {
    hello,
    async run(raw, next) {
      if (raw.length !== hello.features)
        throw new Error(`row of ${raw.length} features, expected ${hello.features}`);
      for (let attempt = 0; attempt < timing.attempts; attempt++) {
        if (attempt > 0) retries++;
        const result = await tryRow(raw, next);
        if (result) return result;
      }
      throw trouble(
        'board-restarts',
        t`${port.path}: the board lost the row ${timing.attempts} times`,
        t`it resets again and again: check its power supply`,
      );
    },
    async stackBytes() {
      return (await ask(REQUEST.stack, new Uint8Array(), decodeStack, timing.answer)) || null;
    },
    get retries() {
      return retries;
    },
  };
}
