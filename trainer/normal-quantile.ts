import { log } from '../model/elementary.js';

/**
 * The value that a standard normal number stays below with probability p, 2^-17 <= p <= 1 − 2^-17, to about seven
 * digits: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37(3),
 * 1988, PPND7, without the branch for tails beyond that.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const top = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
    return (q * top) / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  const r = Math.sqrt(-log(Math.min(p, 1 - p))) - 1.6;
  const top = ((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
  const value = top / ((0.12021132975 * r + 0.7370016425) * r + 1);
  return q < 0 ? -value : value;
}
