import { expect, test } from 'vitest';
import { upperByteLines } from '../../codegen/avr-upper-byte.js';
import { requantize } from '../../model/arithmetic.js';
import { execute } from '../support/avr-lines.js';

/** Every sum of 16 bits against the arithmetic's own function. */

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

/** Registers that take constants, and such that do not. */
const PAIRS = [
  ['r24', 'r25'],
  ['r14', 'r15'],
];

test.each(
  BOUNDS.flatMap(([lowest, highest]) => PAIRS.map(([low, high]) => ({ lowest, highest, low, high }))),
)(
  'sums within $lowest..$highest in $low and $high, by any power of two, to any maximum, always in the same time',
  ({ lowest, highest, low, high }) => {
    for (const doublings of [0, 1, 2, 3]) {
      for (const maximum of [1, 5, 57, 63, 100, 126, 127, 128, 200, 254, 255]) {
        const rounding = 2 ** (7 - doublings);
        const lines = upperByteLines([low, high], 'r26', { lowest, highest }, doublings, maximum);
        const times = new Set<number>();
        for (let sum = lowest; sum <= highest; sum += sum % 64 === 0 || sum % 64 === 63 ? 1 : 21) {
          const registers = new Map([
            [low, sum & 255],
            [high, (sum >> 8) & 255],
            ['r26', 77],
          ]);
          times.add(execute(lines, registers));
          const expected = requantize(sum - rounding, 2 ** (8 + doublings), 16, maximum);
          if (registers.get(high) !== expected)
            expect([doublings, maximum, sum, registers.get(high)]).toEqual(expected);
        }
        expect(times.size, lines.join('\n')).toBe(1);
      }
    }
  },
);
