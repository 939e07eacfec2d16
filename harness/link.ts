import { performance } from 'node:perf_hooks';
import { Problem } from '../model/problem.js';
import { encodeFrame, frameDecoder, type Frame } from '../model/protocol.js';
import type { Port } from './port.js';

/** Frames over a port. One reader at a time; frames that nobody waits for are dropped. */
export interface Link {
  send(frame: Frame): void;
  /**
   * The first value that `accept` makes of a frame, or null when none came in time; the deadline holds
   * whatever else arrives. Rejects with a `Problem` once the port is closed or the device gone.
   */
  receive<T>(accept: (frame: Frame) => T | null, milliseconds: number): Promise<T | null>;
  /** Bytes that arrived so far, good or bad: tells silence from noise. */
  readonly bytesReceived: number;
}

function disconnected(port: Port, reason: Error | null | undefined): Problem {
  return new Problem({
    kind: 'toolchain',
    code: 'disconnected',
    message: `${port.path}: the device is gone${reason ? `: ${reason.message}` : ''}`,
    hint: 'check the cable and start again',
  });
}

export function openLink(port: Port): Link {
  const decoder = frameDecoder();
  let bytesReceived = 0;
  let gone: Problem | null = null;
  let waiting: { offer: (frame: Frame) => void; abandon: (problem: Problem) => void } | null = null;

  const lose = (reason: Error | null | undefined): void => {
    gone ??= disconnected(port, reason);
    waiting?.abandon(gone);
  };
  port.on('data', (bytes: Buffer) => {
    bytesReceived += bytes.length;
    for (const frame of decoder.push(bytes)) waiting?.offer(frame);
  });
  port.once('close', lose);
  port.on('error', lose);

  return {
    send(frame) {
      if (!gone) port.write(encodeFrame(frame));
    },
    receive(accept, milliseconds) {
      return new Promise((resolve, reject) => {
        if (gone) return reject(gone);
        const until = performance.now() + milliseconds;
        const settle = (): void => {
          clearTimeout(timer);
          waiting = null;
        };
        const expire = (): void => {
          settle();
          resolve(null);
        };
        const timer = setTimeout(expire, milliseconds);
        waiting = {
          offer(frame) {
            const value = accept(frame);
            if (value !== null) {
              settle();
              resolve(value);
            } else if (performance.now() > until) expire(); // a flood of frames can keep the timer from its turn
          },
          abandon(problem) {
            settle();
            reject(problem);
          },
        };
      });
    },
    get bytesReceived() {
      return bytesReceived;
    },
  };
}
