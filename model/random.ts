import { log } from './elementary.js';

/**
 * Seeded random numbers that are the same on every machine: integers modulo 2^32, then only + − × ÷ and sqrt,
 * which IEEE 754 fixes to the last bit.
 */
export interface Random {
  /** Uniform over 0..2^32 - 1. */
  uint32(): number;
  /** Uniform over the multiples of 2^-32 in [0, 1). */
  uniform(): number;
  /** Standard normal: mean 0, deviation 1. */
  normal(): number;
  /** Uniform over the integers 0..n-1, without modulo bias; n in 1..2^32. */
  below(n: number): number;
  /** Puts the values into an order of equal chance, in place (Fisher and Yates). */
  shuffle(values: Uint32Array): void;
  /** All that the numbers to come depend on, live: whoever puts copies back gets the same numbers again. */
  readonly state: {
    readonly words: Uint32Array; // (4,), never all zero
    readonly spare: Float64Array; // (1,): the second of a pair of normals; NaN where it was taken
  };
}

const TWO_32 = 2 ** 32;

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021,
 * https://prng.di.unimi.it/xoshiro128starstar.c). `state` (4,) must not be all zero; it is advanced in place.
 */
export function xoshiro128(state: Uint32Array): number {
  const a = state[0];
  const b = state[1];
  const c = state[2] ^ a;
  const d = state[3] ^ b;
  state[0] = a ^ d;
  state[1] = b ^ c;
  state[2] = c ^ (b << 9);
  state[3] = rotateLeft(d, 11);
  return Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
}

/** 2^64 over the golden ratio: the step between the states of SplitMix64. */
const GOLDEN = 0x9e3779b97f4a7c15n;

/**
 * `count` outputs of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014, https://prng.di.unimi.it/splitmix64.c), which the authors of xoshiro recommend for seeding it.
 */
export function splitMix64(seed: bigint, count: number): BigUint64Array {
  const outputs = new BigUint64Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = BigInt.asUintN(64, state + GOLDEN);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    outputs[i] = z ^ (z >> 31n);
  }
  return outputs;
}

/**
 * The state (4,) of generator number `stream` of all that `seed` stands for: outputs 2 · stream and 2 · stream + 1 of
 * SplitMix64, the low half of each first, on machines of either byte order. It is never all zero, as no two of its
 * 2^64 outputs are alike.
 */
export function seedWords(seed: bigint, stream: number, words: Uint32Array): void {
  splitMix64(seed + BigInt(2 * stream) * GOLDEN, 2).forEach((word, i) => {
    words[2 * i] = Number(word & 0xffffffffn);
    words[2 * i + 1] = Number(word >> 32n);
  });
}

/** A generator of its own for each `seed`, an integer of at most 53 bits. Throws a `RangeError` for a fraction. */
export function createRandom(seed: number): Random {
  const words = new Uint32Array(4);
  const spare = Float64Array.of(NaN);
  seedWords(BigInt(seed), 0, words);

  const uint32 = (): number => xoshiro128(words);
  const uniform = (): number => uint32() / TWO_32;

  function below(n: number): number {
    let x = uint32();
    // Beyond the last whole multiple of n some remainders would be likelier; only there the slow test is needed.
    while (x >= TWO_32 - n && x >= TWO_32 - (TWO_32 % n)) x = uint32();
    // x modulo n, exactly: quotients that are no integers are further from the next one than roundings reach. V8 takes
    // ten times as long for `%`, and every epoch shuffles its rows.
    return x - n * Math.floor(x / n);
  }

  /** Marsaglia and Bray's polar method (SIAM Review 6(3), 1964): two normals from a point in the unit disc. */
  function normal(): number {
    const value = spare[0];
    if (!Number.isNaN(value)) {
      spare[0] = NaN;
      return value;
    }
    let u: number, v: number, s: number;
    do {
      u = 2 * uniform() - 1;
      v = 2 * uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * log(s)) / s);
    spare[0] = v * factor;
    return u * factor;
  }

  function shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = below(i + 1);
      const value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }

  return { uint32, uniform, normal, below, shuffle, state: { words, spare } };
}
