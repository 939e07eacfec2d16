import { AVR_KERNELS } from './avr-kernels.js';
import { COSTS } from './kernel-costs.js';
import type { Kernel, KernelFacts } from './kernel.js';
import { PORTABLE_KERNELS } from './portable-kernels.js';
import { STATIONARY_KERNEL } from './stationary-kernel.js';
import { SWAR_KERNELS } from './swar-kernels.js';
import { WORD_KERNELS } from './word-kernels.js';
import { GROUP_KERNELS } from './layer-groups.js';

/** Every way of computing a dense layer, and the choice among them. */

const KERNELS: readonly Kernel[] = [
  ...AVR_KERNELS,
  ...SWAR_KERNELS,
  STATIONARY_KERNEL,
  ...WORD_KERNELS,
  ...PORTABLE_KERNELS,
];

const costOf = (kernel: Kernel, { core, layer }: KernelFacts): number | undefined =>
  COSTS[core][kernel.name]?.[layer.accumulatorBits];

/** Names of the kernels that a core may use. */
export const kernelNames = (core: KernelFacts['core']): string[] =>
  [...KERNELS.map(({ name }) => name), ...Object.values(GROUP_KERNELS[core] ?? {})].filter((name) =>
    Object.hasOwn(COSTS[core], name),
  );

/** The cheapest kernel that suits the layer. */
export function chooseKernel(facts: KernelFacts): Kernel {
  const usable = KERNELS.filter((kernel) => costOf(kernel, facts) !== undefined).sort(
    (a, b) => costOf(a, facts)! - costOf(b, facts)!,
  );
  return usable.find((kernel) => kernel.suits(facts))!;
}
