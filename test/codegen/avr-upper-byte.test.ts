import { expect, test } from 'vitest';
import { upperByteLines } from '../../codegen/avr-upper-byte.js';
import { requantize } from '../../model/arithmetic.js';

/** The few instructions of `upperByteLines`, executed: every sum of 16 bits against the arithmetic's own function. */

/** Runs lines on registers of 8 bits; returns the cycles. Carry and sign are those of the last instruction that sets them. */
function execute(lines: readonly string[], registers: Map<string, number>): number {
  const valueOf = (operand: string): number => registers.get(operand) ?? Number(operand);
  let carry = 0;
  let isLess = false; // of signed numbers
  let cycles = 0;
  for (let at = 0; at < lines.length; at++) {
    const [name, first, second] = lines[at].split(/,? /);
    const a = valueOf(first);
    const skip = (does: boolean): void => {
      if (!does) return;
      cycles++;
      at++;
    };
    if (name.endsWith(':')) continue;
    cycles++;
    if (name === 'lsl' || name === 'rol') {
      registers.set(first, ((a << 1) & 255) | (name === 'rol' ? carry : 0));
      carry = a >> 7;
    } else if (name === 'clr') registers.set(first, 0);
    else if (name === 'mov') registers.set(first, valueOf(second));
    else if (name === 'ldi') registers.set(first, Number(second));
    else if (name === 'cp' || name === 'cpi') {
      carry = a < valueOf(second) ? 1 : 0;
      isLess = (a << 24) >> 24 < (valueOf(second) << 24) >> 24;
    } else if (name === 'sbrc') skip((a & (1 << Number(second))) === 0);
    else if (name === 'brcc' || name === 'brsh') skip(carry === 0);
    else if (name === 'brlt') skip(isLess);
    else throw new Error(lines[at]);
  }
  return cycles;
}

const BOUNDS = [
  [-32768, 32767],
  [-32768, 0],
  [-8192, 8191],
  [-4097, 4095],
  [0, 32767],
  [0, 16384],
  [0, 8192],
  [-300, 8192],
  [-16385, 16383],
];

test.each(BOUNDS)(
  'sums within %d..%d, by any power of two, to any maximum, always in the same time',
  (lowest, highest) => {
    for (const doublings of [0, 1, 2, 3]) {
      for (const maximum of [1, 5, 57, 63, 100, 126, 127, 128, 200, 254, 255]) {
        const rounding = 2 ** (7 - doublings);
        const lines = upperByteLines(['low', 'high'], 'scratch', { lowest, highest }, doublings, maximum);
        const times = new Set<number>();
        for (let sum = lowest; sum <= highest; sum += sum % 64 === 0 || sum % 64 === 63 ? 1 : 21) {
          const registers = new Map([
            ['low', sum & 255],
            ['high', (sum >> 8) & 255],
            ['scratch', 77],
          ]);
          times.add(execute(lines, registers));
          const expected = requantize(sum - rounding, 2 ** (8 + doublings), 16, maximum);
          if (registers.get('high') !== expected)
            expect([doublings, maximum, sum, registers.get('high')]).toEqual(expected);
        }
        expect(times.size, lines.join('\n')).toBe(1);
      }
    }
  },
);
