import type { QuantizedLayer } from '../model/quantized-model.js';
import { int } from './c-text.js';
import type { Requantizer } from './requantization.js';

/** A layer's sums in words, and what becomes of them. */
export interface Store {
  readonly layer: QuantizedLayer;
  readonly requantizer: Requantizer | null;
  readonly constantTime: boolean;
  /** Whether the table's address waits in memory. */
  readonly isTableFar: boolean;
}

/** A core's assembly of what follows the sums. */
export interface ResultsDialect {
  /** Registers of the sums, where it does not join their statement. */
  readonly sums: readonly string[] | null;
  /** How many registers there are beside those of so many words; the table's address may wait in memory. */
  readonly left: (size: number) => number;
  readonly scratch: (store: Omit<Store, 'isTableFar'>) => string[];
  readonly register: 'r' | 'l';
  readonly rounds: (requantizer: Requantizer) => boolean;
  readonly directives: readonly string[];
  /** Bytes of an instruction. */
  readonly bytes: (line: string) => number;
  /** Of a layer of so many words. */
  readonly start: (store: Store, words: number, rounds: boolean) => string[];
  readonly output: (store: Store, n: number) => string[];
}

export const WORD = '%[word]';

export const sumOf = (n: number): string => `%[sum${int(n >> 1)}]`;
export const isUpper = (requantizer: Requantizer | null): boolean => requantizer?.form === 'upper';
