import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../model/random.js';
import { twins, randomData } from './helpers.js';

/** The second word of a state from which xoshiro128** draws `x` next: multipliers are the inverses of 9 and 5. */
const drawing = (x: number): number => {
  const rotated = Math.imul(x, 954437177);
  return Math.imul((rotated >>> 7) | (rotated << 25), 3435973837) >>> 0;
};

function shuffled(rows: number, start: Uint32Array, by: (random: Random) => (order: Uint32Array) => void) {
  const random = createRandom(0);
  random.state.words.set(start);
  const order = Uint32Array.from({ length: rows }, (_, r) => r);
  const shuffle = by(random);
  const orders = Array.from({ length: 3 }, () => (shuffle(order), [...order]));
  return { orders, words: [...random.state.words] };
}

describe("the kernel's shuffle", () => {
  for (const rows of [1, 2, 3, 4, 5, 64, 150, 1000, 4097]) {
    it(`orders ${rows} rows as model/random.ts does, and leaves its state`, () => {
      // At the end of the range some draws are rejected, of as many rows as are no power of 2.
      for (const first of [12345, 0xffffffff, 2 ** 32 - rows, 2 ** 32 - (2 ** 32 % rows) - 1]) {
        const start = Uint32Array.of(7, drawing(first), 11, 13);
        const expected = shuffled(rows, start, (random) => random.shuffle);
        const data = randomData(1, rows, 2, 2);
        expect(
          shuffled(
            rows,
            start,
            (random) => twins(data, { hidden: [3], batch: 16 }, random).engine.run.shuffle!,
          ),
        ).toEqual(expected);
      }
    });
  }

  it('is tried where draws are rejected', () => {
    const random = createRandom(0);
    random.state.words.set([7, drawing(0xffffffff), 11, 13]);
    expect(random.uint32()).toBe(0xffffffff);
  });
});
