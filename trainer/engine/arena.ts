import { ARENA } from './assembly/layout.js';

/** Hands out addresses of a memory that is made once all sizes are known; nothing is ever given back. */
export interface Arena {
  /** A 16-byte aligned address of `bytes` zeroed bytes. */
  readonly take: (bytes: number) => number;
  /** Bytes in use. */
  readonly size: () => number;
}

const ALIGNMENT = 64; // a cache line

export function createArena(): Arena {
  let next = ARENA;
  return {
    take: (bytes) => {
      const address = next;
      next += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
      return address;
    },
    size: () => next,
  };
}

const PAGE = 65536;
/** 32-bit addresses, less a page. */
export const MOST_BYTES = 2 ** 32 - PAGE;

export const createMemory = (bytes: number): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: 65536, shared: true });
