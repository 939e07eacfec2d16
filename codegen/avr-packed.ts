import type { WeightBits } from '../model/network.js';

/** Weights of 4 and 2 bits in AVR assembly: several outputs' weights for one input lie in a byte. */

export type Registers = readonly (readonly string[])[];
type PackedBits = Exclude<WeightBits, 8>;

/** What is added to a weight so that those packed into one byte are not negative. */
export const CODE_OFFSET: Readonly<Record<WeightBits, number>> = { 8: 0, 4: 8, 2: 1 };

/** From one packed weight in r21 to the next, at least. */
const NEXT_WEIGHT: Readonly<Record<PackedBits, readonly string[]>> = {
  4: ['swap r21', 'andi r21, 15'],
  2: ['lsr r21', 'lsr r21'],
};

/** One input, in r20, times packed weights, a byte for several sums. `zero` is a register of zero for sums of more than 16 bits. */
export function workPacked(
  sums: Registers,
  inputSum: readonly string[],
  zero: string,
  weightBits: PackedBits,
): string[] {
  const addTo = ([lowest, next, ...higher]: readonly string[], from: readonly [string, string]): string[] => [
    `add ${lowest}, ${from[0]}`,
    `adc ${next}, ${from[1]}`,
    ...higher.map((register) => `adc ${register}, ${zero}`),
  ];
  const products = sums.flatMap((sum, k) => [
    ...(k % (8 / weightBits) === 0 ? ['lpm r21, Z+'] : NEXT_WEIGHT[weightBits]),
    'mul r21, r20',
    ...addTo(sum, ['r0', 'r1']),
  ]);
  return [...products, 'clr r21', ...addTo(inputSum, ['r20', 'r21'])];
}

const shiftLeft = (registers: readonly string[], bits: number): string[] =>
  Array.from({ length: bits }, () => registers.map((r, b) => `${b === 0 ? 'lsl' : 'rol'} ${r}`)).flat();

/** Whether a byte of weights holds that of output k and of the one after it, of `size` in a block. */
const isCarried = (k: number, size: number, weightBits: PackedBits): boolean =>
  (k + 1) % (8 / weightBits) !== 0 && k + 1 < size;

/** Biases of a block -> what `workPacked` begins with, modulo 2^32: 2^weightBits times the next one of its byte is added. */
export function packedBiases(bias: ArrayLike<number>, weightBits: WeightBits): Int32Array {
  const packed = Int32Array.from(bias);
  if (weightBits === 8) return packed;
  for (let k = packed.length - 2; k >= 0; k--) {
    if (isCarried(k, packed.length, weightBits)) packed[k] += packed[k + 1] << weightBits;
  }
  return packed;
}

/** Registers that hold a sum, from its lowest byte, while it is taken from another one. */
const CARRIED = ['r20', 'r21', 'r27', 'r26'];

/** Where `CARRIED` registers go for `unpack`, which calls this: times 2^weightBits. */
export const shiftSubroutine = (sumBytes: number, weightBits: PackedBits): string[] => [
  `${SHIFT}:`,
  ...shiftLeft(CARRIED.slice(0, sumBytes), weightBits),
  'ret',
];
const SHIFT = '7';

/** Sums as `workPacked` leaves them -> sums. The `CARRIED` registers must be free, and `shiftSubroutine` further on. */
export function unpack(sums: Registers, inputSum: readonly string[], weightBits: PackedBits): string[] {
  const carries = sums.flatMap((sum, k) => {
    if (!isCarried(k, sums.length, weightBits)) return [];
    const next = sums[k + 1];
    return [
      ...(next.length > 2 ? next.map((r, b) => `mov ${CARRIED[b]}, ${r}`) : [`movw r20, ${next[0]}`]),
      `rcall ${SHIFT}f`,
      ...sum.map((r, b) => `${b === 0 ? 'sub' : 'sbc'} ${r}, ${CARRIED[b]}`),
    ];
  });
  const offsets = sums.flatMap((sum) => sum.map((r, b) => `${b === 0 ? 'sub' : 'sbc'} ${r}, ${inputSum[b]}`));
  return [...carries, ...shiftLeft(inputSum, Math.log2(CODE_OFFSET[weightBits])), ...offsets];
}
