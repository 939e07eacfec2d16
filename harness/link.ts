import { performance } from 'node:perf_hooks';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { encodeFrame, frameDecoder, type Frame } from '../model/protocol.js';
import { lossText, type Port } from './port.js';

/** Something arrived that is no frame: noise, or an answer that was damaged on its way. */
export const DAMAGE = 'damage';
export type LinkEvent = Frame | typeof DAMAGE;

/** Frames over a port. One reader at a time. */
export interface Link {
  /** Frames that go together share the zero between them: of a row that follows a question, 63 bytes at most then wait. */
  send(...frames: readonly Frame[]): void;
  /**
   * The first value that `accept` makes of what arrives, or null when none came in time; the deadline holds
   * whatever else arrives. Rejects with a `Problem` once the port is closed or the device gone.
   */
  receive<T>(accept: (event: LinkEvent) => T | null, milliseconds: number): Promise<T | null>;
  /**
   * Calls `heard` once, when the frame after those that have been read begins to come: at once where it has. Null forgets
   * the last one.
   */
  whenHeard(heard: (() => void) | null): void;
  /** Bytes that arrived so far, good or bad: tells silence from noise. */
  readonly bytesReceived: number;
  /** The last of them. */
  readonly sample: Uint8Array;
}

/** What went to the board (`>`) or came from it. */
export type ByteLog = (direction: '>' | '<', bytes: Uint8Array) => void;

/** Events that wait for a reader: answers that come together, and never a flood. */
const MOST_WAITING = 16;
const SAMPLE_BYTES = 1024;

function disconnected(port: Port, reason: Error | null | undefined): Problem {
  return new Problem({
    kind: 'toolchain',
    code: 'disconnected',
    message: `${port.path}: ${lossText(port, reason)}`,
    hint: t`check the cable and start again`,
  });
}

export function openLink(port: Port, log: ByteLog = () => {}): Link {
  const decoder = frameDecoder();
  let bytesReceived = 0;
  let sample = Buffer.alloc(0);
  let gone: Problem | null = null;
  let events: LinkEvent[] = [];
  let heard: (() => void) | null = null;
  let isBegun = false; // something has come since the last frame's end
  let reader: { offer: () => void; abandon: (problem: Problem) => void } | null = null;

  const lose = (reason: Error | null | undefined): void => {
    gone ??= disconnected(port, reason);
    reader?.abandon(gone);
  };
  port.on('data', (bytes: Buffer) => {
    log('<', bytes);
    isBegun = true;
    const call = heard;
    heard = null;
    call?.();
    bytesReceived += bytes.length;
    sample = Buffer.concat([sample, bytes]).subarray(-SAMPLE_BYTES);
    const { damaged } = decoder;
    const frames = decoder.push(bytes);
    // The first zero of one frame often comes with the last of another, and that one may well come alone.
    const [before, last] = sample.subarray(-2);
    if (frames.length > 0) isBegun = last !== 0 || before === 0;
    events = [...events, ...frames, ...(decoder.damaged > damaged ? ([DAMAGE] as const) : [])].slice(
      -MOST_WAITING,
    );
    reader?.offer();
  });
  port.once('close', lose);
  port.on('error', lose);

  return {
    send(...frames) {
      if (gone) return;
      const bytes = Buffer.concat(frames.map((frame, k) => encodeFrame(frame).subarray(k > 0 ? 1 : 0)));
      log('>', bytes);
      port.write(bytes);
    },
    receive(accept, milliseconds) {
      return new Promise((resolve, reject) => {
        const until = performance.now() + milliseconds;
        const settle = (): void => {
          clearTimeout(timer);
          reader = null;
        };
        const expire = (): void => {
          settle();
          resolve(null);
        };
        const timer = setTimeout(expire, milliseconds);
        reader = {
          offer() {
            for (let event = events.shift(); event !== undefined; event = events.shift()) {
              const value = accept(event);
              if (value === null) continue;
              settle();
              return resolve(value);
            }
            if (performance.now() > until) expire(); // a flood of frames can keep the timer from its turn
          },
          abandon(problem) {
            settle();
            reject(problem);
          },
        };
        reader.offer();
        if (gone) reader?.abandon(gone);
      });
    },
    whenHeard(call) {
      heard = isBegun ? null : call;
      if (isBegun) call?.();
    },
    get bytesReceived() {
      return bytesReceived;
    },
    get sample() {
      return sample;
    },
  };
}
