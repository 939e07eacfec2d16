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

/** One input, in r20, times packed weights, a byte for several sums. `zero` is a register of zero for 24 bits. */
export function workPacked(
  sums: Registers,
  inputSum: readonly string[],
  zero: string,
  weightBits: PackedBits,
): string[] {
  const addTo = ([low, middle, high]: readonly string[], from: readonly [string, string]): string[] => [
    `add ${low}, ${from[0]}`,
    `adc ${middle}, ${from[1]}`,
    ...(high ? [`adc ${high}, ${zero}`] : []),
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

/** The sums that the same bytes of weights go into as the sum after them. */
const carryingSums = (sums: Registers, weightBits: PackedBits): number[] =>
  [...sums.keys()].filter((k) => (k + 1) % (8 / weightBits) !== 0 && k + 1 < sums.length);

/** Adds 2^weightBits times the sum after it to sum k, or takes it away. r20, r21 and r27 must be free. */
function carry(
  sums: Registers,
  k: number,
  weightBits: PackedBits,
  [first, next]: readonly [string, string],
): string[] {
  const copy = ['r20', 'r21', 'r27'].slice(0, sums[k].length);
  const moves = copy.map((r, b) => `mov ${r}, ${sums[k + 1][b]}`);
  return [
    ...moves,
    ...shiftLeft(copy, weightBits),
    ...sums[k].map((r, b) => `${b === 0 ? first : next} ${r}, ${copy[b]}`),
  ];
}

/** Biases -> what `workPacked` begins with. */
export function pack(sums: Registers, weightBits: PackedBits): string[] {
  return carryingSums(sums, weightBits)
    .reverse()
    .flatMap((k) => carry(sums, k, weightBits, ['add', 'adc']));
}

/** Sums as `workPacked` leaves them -> sums. */
export function unpack(sums: Registers, inputSum: readonly string[], weightBits: PackedBits): string[] {
  const offsets = sums.flatMap((sum) => sum.map((r, b) => `${b === 0 ? 'sub' : 'sbc'} ${r}, ${inputSum[b]}`));
  return [
    ...carryingSums(sums, weightBits).flatMap((k) => carry(sums, k, weightBits, ['sub', 'sbc'])),
    ...shiftLeft(inputSum, Math.log2(CODE_OFFSET[weightBits])),
    ...offsets,
  ];
}
