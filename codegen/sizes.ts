import type { Board } from '../model/board.js';
import { Problem } from '../model/problem.js';
import type { ConstantArray } from './constant-array.js';
import type { GeneratedStep } from './layers.js';

/** What a generated model takes of a board's memory, before any compiler has seen it. */

/** Code of a layer in bytes, as compilers make it; on an AVR of a loop over weights, and what such loops share. */
const LAYER_BYTES = 220;
const LOOP_BYTES = 300;
const SHARED_BYTES = 390;

/** Constants and loops; on an AVR also straight-line code, whose weights stand in its instructions. */
export function estimateFlash(
  core: Board['core'],
  constantBytes: number,
  steps: readonly GeneratedStep[],
): number {
  if (core !== 'avr') return constantBytes + LAYER_BYTES * steps.length;
  const loops = steps.filter(({ spentBytes }) => spentBytes === 0);
  const shared = loops.some(({ helpers }) => helpers.length > 0) ? SHARED_BYTES : 0;
  const straight = steps.reduce((sum, { spentBytes }) => sum + spentBytes, 0);
  return constantBytes + straight + LOOP_BYTES * loops.length + shared;
}

/** Of the flash that near reads reach: interrupt vectors and constants of the core and of other code. */
const NEAR_RESERVE = 2048;

/** Throws a `Problem` of kind `fit` where the constants or the buffers alone, in bytes, are too much for the board. */
export function checkFits(
  board: Board,
  arrays: readonly ConstantArray[],
  constantBytes: number,
  bufferBytes: number,
): void {
  const fail = (code: string, message: string, hint: string): never => {
    throw new Problem({ kind: 'fit', code, message, hint });
  };
  const hint = 'use fewer or narrower hidden layers, train with --bits 4 or 2, or choose a larger board';
  for (const array of arrays) {
    if (board.largestObjectBytes !== null && array.bytes > board.largestObjectBytes) {
      fail(
        'object-too-large',
        `${array.name} needs ${array.bytes} bytes; the compiler for ${board.id} takes at most ${board.largestObjectBytes} in one array`,
        hint,
      );
    }
  }
  if (board.flashBytes !== null && constantBytes > board.flashBytes) {
    fail(
      'flash-exceeded',
      `the model's constants need ${constantBytes} bytes of flash; ${board.id} has ${board.flashBytes}`,
      hint,
    );
  }
  // The linker puts constants before all code, so together they lie below this address.
  if (board.nearFlashBytes !== null && constantBytes > board.nearFlashBytes - NEAR_RESERVE) {
    fail(
      'near-flash-exceeded',
      `the model's constants need ${constantBytes} bytes; ${board.id} reads at most ${board.nearFlashBytes - NEAR_RESERVE} from the part of its flash that near reads reach`,
      hint,
    );
  }
  if (board.ramBytes !== null && bufferBytes > board.ramBytes) {
    fail(
      'ram-exceeded',
      `the model's buffers need ${bufferBytes} bytes of RAM; ${board.id} has ${board.ramBytes}`,
      hint,
    );
  }
}
