import { performance } from 'node:perf_hooks';
import type { Prediction } from '../model/infer.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import {
  ANSWER_BIT,
  BOOT_SEQUENCE,
  NAK,
  NAK_REASON,
  PROTOCOL_VERSION,
  REQUEST,
  decodeHello,
  decodeOutputs,
  decodeStack,
  encodeOutputsRequest,
  type Hello,
  type RequestType,
} from '../model/protocol.js';
import { DAMAGE, openLink, type LinkEvent } from './link.js';
import type { Port } from './port.js';
import { rowFrames, sendRow } from './row-window.js';

/** All that a board says about a row. */
export interface RowAnswer extends Prediction {
  readonly cycles: number;
}

/** One conversation with one board, every question repeated until it is answered. */
export interface Session {
  readonly hello: Hello;
  /** raw (features,) -> class, all raw outputs, values, cycles. Rejects with a `Problem` where the link does not recover. */
  run(raw: Int32Array): Promise<RowAnswer>;
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
}

const trouble = (code: string, message: string, hint: string): Problem =>
  new Problem({ kind: 'toolchain', code, message, hint } satisfies ProblemDetails);

/** Throws where the board speaks another protocol or runs another model. */
function checkHello(hello: Hello, port: Port, modelHash: string): Hello {
  if (hello.version !== PROTOCOL_VERSION) {
    throw trouble(
      'wrong-protocol',
      `${port.path}: the board speaks version ${hello.version} of the protocol; expected ${PROTOCOL_VERSION}`,
      'generate and flash the firmware again with this version of neurona',
    );
  }
  const expected = modelHash.slice(0, hello.modelHash.length);
  if (hello.modelHash !== expected) {
    throw trouble(
      'wrong-model',
      `${port.path}: the board runs model ${hello.modelHash}; expected ${expected}`,
      'upload the sketch of the folder you want to verify, with the Arduino IDE or avrdude',
    );
  }
  return hello;
}

function nobodyThere(port: Port, bytesReceived: number, baudRate: number | null): Problem {
  if (bytesReceived === 0) {
    return trouble(
      'silent-board',
      `${port.path}: no byte came from the board`,
      'is it powered, and was the generated sketch uploaded to it?',
    );
  }
  const speed =
    baudRate === null ? '' : ` at ${port.baudRate} baud; the generated firmware speaks ${baudRate} baud`;
  return trouble(
    'only-noise',
    `${port.path}: ${bytesReceived} bytes came from the board, but no hello${speed}`,
    'another sketch may be running: upload the generated one, with the Arduino IDE or avrdude',
  );
}

/**
 * Waits for the board's hello and checks it. The port belongs to the session from then on, except that its
 * owner closes it. Throws a `Problem` of kind `toolchain`: `silent-board`, `only-noise`, `wrong-protocol`,
 * `wrong-model`, `disconnected`.
 */
export async function openSession(port: Port, options: SessionOptions): Promise<Session> {
  const timing = { ...TIMING, ...options.timing };
  const link = openLink(port);
  let sequence = BOOT_SEQUENCE;
  let retries = 0;

  const nextSequence = (): number => (sequence = (sequence % 255) + 1);
  const helloOf = (event: LinkEvent): Hello | null =>
    event !== DAMAGE && event.type === (REQUEST.hello | ANSWER_BIT) ? decodeHello(event.payload) : null;
  const isRestart = (event: LinkEvent): boolean =>
    event !== DAMAGE && event.sequence === BOOT_SEQUENCE && helloOf(event) !== null;
  const noAnswer = (): Problem =>
    trouble(
      'no-answer',
      `${port.path}: the board did not answer, though asked ${timing.attempts} times`,
      'check the cable; a reset of the board helps where its program hangs',
    );

  const findBoard = async (): Promise<Hello> => {
    const until = performance.now() + timing.boot + timing.hello;
    let hello = await link.receive(helloOf, timing.boot);
    while (!hello && performance.now() < until) {
      link.send({ sequence: nextSequence(), type: REQUEST.hello, payload: new Uint8Array() });
      hello = await link.receive(helloOf, timing.answer);
    }
    if (!hello) throw nobodyThere(port, link.bytesReceived, options.baudRate);
    return checkHello(hello, port, options.modelHash);
  };

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

  const hello = await findBoard();

  /** Asks until `into` is filled from `count` on; false where the board lost the row. */
  const fill = async (
    type: typeof REQUEST.outputs | typeof REQUEST.values,
    into: Int32Array,
    count: number,
  ): Promise<boolean> => {
    while (count < into.length) {
      const more = await ask(type, encodeOutputsRequest(count), decodeOutputs, timing.answer);
      if (more?.first !== count) return false;
      const room = more.outputs.subarray(0, into.length - count);
      into.set(room, count);
      count += room.length;
    }
    return true;
  };

  /** Null where the board lost the row on the way. */
  const tryRow = async (raw: Int32Array): Promise<RowAnswer | null> => {
    const result = await sendRow(link, rowFrames(raw, hello, nextSequence), {
      ...timing,
      isRestart,
      onRepeat: () => retries++,
    });
    if (result === null) throw noAnswer();
    if (result === 'lost-row') return null;
    const outputs = new Int32Array(hello.outputs);
    const count = Math.min(result.outputs.length, outputs.length);
    outputs.set(result.outputs.subarray(0, count));
    if (!(await fill(REQUEST.outputs, outputs, count))) return null;
    const values = new Int32Array(hello.classes === 0 ? hello.outputs : 0);
    if (!(await fill(REQUEST.values, values, 0))) return null;
    return { class: result.class, cycles: result.cycles, outputs, values };
  };

  return {
    hello,
    async run(raw) {
      if (raw.length !== hello.features)
        throw new Error(`row of ${raw.length} features, expected ${hello.features}`);
      for (let attempt = 0; attempt < timing.attempts; attempt++) {
        if (attempt > 0) retries++;
        const result = await tryRow(raw);
        if (result) return result;
      }
      throw trouble(
        'board-restarts',
        `${port.path}: the board lost the row ${timing.attempts} times`,
        'it resets again and again: check its power supply',
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
