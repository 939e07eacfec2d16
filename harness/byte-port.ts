import type { BindingPortInterface, OpenOptions } from './binding.js';

/** What lies behind a port that is no serial hardware: it takes bytes, and calls `receive` and `fail` of the port. */
export interface PortBackend {
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
  /** The computer's side changes its speed; nothing happens where bytes take no time. */
  setBaudRate?(baudRate: number): void;
  /** Called when everything received so far has been read. */
  drained(): void;
}

/** A port of the serialport family whose bytes come from a backend in this process. */
export interface BytePort extends BindingPortInterface {
  /** Bytes for the reader. */
  receive(bytes: Uint8Array): void;
  /** The device is gone: the pending read and all later ones fail. */
  fail(error: Error): void;
  /** Bytes received and not yet read: a backend pauses where they are too many. */
  readonly unread: number;
}

/** A backend should send no more while this many bytes wait for their reader. */
export const UNREAD_LIMIT = 65_536;

const canceled = (): Error => Object.assign(new Error('the port was closed'), { canceled: true });

export function bytePort(options: OpenOptions, backend: PortBackend): BytePort {
  let chunks: Uint8Array[] = [];
  let unread = 0;
  let failure: Error | null = null;
  let pending: { take: () => void; reject: (error: Error) => void } | null = null;

  const answerPending = (): void => {
    const waiting = pending;
    pending = null;
    if (unread > 0) waiting?.take();
    else if (failure) waiting?.reject(failure);
    else pending = waiting;
  };

  const take = (buffer: Buffer, offset: number, length: number): number => {
    let copied = 0;
    while (copied < length && chunks.length > 0) {
      const part = chunks[0].subarray(0, length - copied);
      buffer.set(part, offset + copied);
      copied += part.length;
      if (part.length === chunks[0].length) chunks.shift();
      else chunks[0] = chunks[0].subarray(part.length);
    }
    unread -= copied;
    if (unread === 0) backend.drained();
    return copied;
  };

  return {
    isOpen: true,
    openOptions: {
      dataBits: 8,
      lock: true,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      hupcl: true,
      ...options,
    },
    get unread() {
      return unread;
    },
    receive(bytes) {
      if (bytes.length === 0) return;
      chunks.push(bytes);
      unread += bytes.length;
      answerPending();
    },
    fail(error) {
      failure = error;
      answerPending();
    },
    read(buffer, offset, length) {
      return new Promise((resolve, reject) => {
        pending = { take: () => resolve({ buffer, bytesRead: take(buffer, offset, length) }), reject };
        answerPending();
      });
    },
    async write(buffer) {
      if (failure) throw failure;
      await backend.write(buffer);
    },
    async close() {
      this.isOpen = false;
      chunks = [];
      unread = 0;
      failure = canceled();
      answerPending();
      await backend.close();
    },
    flush() {
      chunks = [];
      unread = 0;
      return Promise.resolve();
    },
    update({ baudRate }) {
      backend.setBaudRate?.(baudRate);
      return Promise.resolve();
    },
    set: () => Promise.resolve(),
    get: () => Promise.resolve({ cts: true, dsr: true, dcd: true }),
    getBaudRate: () => Promise.resolve({ baudRate: options.baudRate }),
    drain: () => Promise.resolve(),
  };
}
