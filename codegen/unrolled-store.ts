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

/** Constraint of an operand: any register, or one of the low eight that most Thumb instructions are limited to. */
export type Constraint = 'r' | 'l';

/** A core's assembly of what follows the sums. */
export interface ResultsDialect {
  /** Whether it goes on where the sums end, in one statement. */
  readonly joins: boolean;
  /** Registers of operands, as far as compilers do not choose them. */
  readonly registers: Readonly<Record<string, string>>;
  /** Pointers of the joint statement that get new values where sums are requantised. */
  readonly spends: readonly string[];
  /** How many registers there are beside those of so many words; the table's address may wait in memory. */
  readonly left: (size: number) => number;
  readonly scratch: (store: Omit<Store, 'isTableFar'>) => string[];
  readonly constraint: (operand: string) => Constraint;
  /** Whether `word` gets what rounds, and whether it is read from behind the layer's words. */
  readonly rounds: (requantizer: Requantizer) => { readonly held: boolean; readonly behind: boolean };
  readonly directives: readonly string[];
  /** Bytes of an instruction, be it of the sums or of what follows. */
  readonly bytes: (line: string) => number;
  /** Of a layer of so many words. */
  readonly start: (store: Store, words: number) => string[];
  readonly output: (store: Store, n: number) => string[];
}

export const [INPUT, FIRST, SECOND, WORD, VALUE, OTHER] = [
  'input',
  'first',
  'second',
  'word',
  'value',
  'other',
].map((name) => `%[${name}]`);

export const sumOf = (n: number): string => `%[sum${int(n >> 1)}]`;
export const isUpper = (requantizer: Requantizer | null): boolean => requantizer?.form === 'upper';
