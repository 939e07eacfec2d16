import { expect, test } from 'vitest';
import { activationLines, SUM, wideActivationLines } from '../../codegen/avr-requantize.js';
import { avrCycles } from '../../codegen/avr-timing.js';
import type { QuantizedLayer } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { execute } from '../support/avr-lines.js';

/** Requantisation by multipliers, executed: sums at every end of a byte and random ones, by definition and to the cycle. */

const MULTIPLIERS = [1, 255, 256, 4660, 32768, 65535];
const MAXIMA = [63, 254, 255];

function sumsOf(bits: number): number[] {
  const random = createRandom(bits);
  const ends = Array.from({ length: bits }, (_, b) => 2 ** b).flatMap((end) => [end - 1, end, end + 1]);
  const all = [...ends, ...Array.from({ length: 30 }, () => Math.floor(random.uniform() * 2 ** (bits - 1)))];
  return [...all, ...all.map((sum) => -sum)].filter(
    (sum) => sum < 2 ** (bits - 1) && sum >= -(2 ** (bits - 1)),
  );
}

test.each([16, 24, 32] as const)('sums of %d bits', (bits) => {
  for (const shift of [8, 16, 24] as const) {
    for (const maximum of MAXIMA) {
      for (const constantTime of [false, true]) {
        const layer = {
          accumulatorBits: bits,
          requantization: { shift, maximum },
        } as unknown as QuantizedLayer;
        const lines =
          bits === 16
            ? activationLines(layer, constantTime)
            : wideActivationLines(layer, constantTime, ['r2', 'r3']);
        for (const multiplier of MULTIPLIERS) {
          for (const sum of sumsOf(bits)) {
            const product = Math.max(sum, 0) * multiplier + 2 ** (shift - 1);
            const expected = Math.min(Math.floor(product / 2 ** shift), maximum);
            const registers = new Map(SUM.map((register, b) => [register, (sum >> (8 * b)) & 255]));
            for (const register of ['r20', 'r21', 'r28', 'r29', 'r2', 'r3']) registers.set(register, 77);
            registers.set('r0', 77).set('r1', 0);
            const cycles = execute(lines, registers, [multiplier & 255, multiplier >> 8]);
            const taken = !constantTime && sum < 0 ? ['brmi'] : [];
            const found = [registers.get('r29'), registers.get('r1'), cycles];
            if (found.join() !== [expected, 0, avrCycles(lines, taken)].join())
              expect([shift, maximum, multiplier, sum, ...found]).toEqual([
                expected,
                0,
                avrCycles(lines, taken),
              ]);
          }
        }
      }
    }
  }
});
