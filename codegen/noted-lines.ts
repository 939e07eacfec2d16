import { int } from './c-text.js';
import type { TemplateValue } from './render.js';

/** What is said beside a line of assembly, by its place. */
export type Notes = ReadonlyMap<number, string>;

/** Lines of assembly as templates have them: `line`, and `note` or false. */
export const notedLines = (lines: readonly string[], notes: Notes): TemplateValue =>
  lines.map((line, at) => ({ line, note: notes.get(at) ?? false }));

/** "outputs 0 to 9", "output 0" */
export const spanOf = (name: string, first: number, count: number): string =>
  count === 1 ? `${name} ${int(first)}` : `${name}s ${int(first)} to ${int(first + count - 1)}`;

/** "r19:r18" of the registers of a value, its lowest byte first. */
export const joined = (registers: readonly number[]): string =>
  registers
    .map((register) => `r${int(register)}`)
    .reverse()
    .join(':');
