import type { Core } from './kernel.js';

/** Instructions of a block of assembly that loops over its inputs from label 1, on cores with registers of 32 bits. */

/** Registers that cost instructions to save; ARM saves low ones all at once. */
const CALL_SAVED: Readonly<Partial<Record<Core, RegExp>>> = {
  rv32imc: /^s\d+$/,
  'cortex-m0plus': /^(r[89]|r1[01])$/,
  lx106: /^a1[2-5]$/,
};

export const savedRegisters = (core: Core, changed: readonly string[]): number =>
  changed.filter((register) => CALL_SAVED[core]?.test(register)).length;

/** Instructions over one input after the other; where it is zero, conditional branches further down are taken. */
function instructionsOf(lines: readonly string[], zeros: readonly boolean[]): number {
  let count = 0;
  let done = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line.endsWith(':') || line.startsWith('.')) continue;
    count++;
    const [, label, direction] = /\b(\d)([fb])$/.exec(line) ?? [];
    if (!label) continue;
    const isLoop = direction === 'b';
    const isTaken = isLoop ? done < zeros.length - 1 : line.startsWith('b ') || zeros[done];
    if (isLoop) done++;
    if (isTaken) at = isLoop ? lines.indexOf(`${label}:`) : lines.indexOf(`${label}:`, at);
  }
  return count;
}

/** Instructions of a call beside its inputs, and of an input that is not zero, or that is. */
export function blockInstructions(lines: readonly string[]): {
  call: number;
  worked: number;
  skipped: number;
} {
  const one = instructionsOf(lines, [false]);
  const worked = instructionsOf(lines, [false, false]) - one;
  return { call: one - worked, worked, skipped: instructionsOf(lines, [true, false]) - one };
}
