import { rowActivity } from '../codegen/activity.js';
import type { MeasuredCore } from './device-facts.js';
import { ROWS, type DeviceFigures } from './device-figures.js';
import { benchModel, benchRows, NETWORKS } from './networks.js';

/** How far figures are from what the arithmetic of the kernels' inner loops takes by itself. */

/**
 * What a product takes at least, in cycles on AVR and instructions elsewhere: the load of its weight, the multiplication and
 * the addition, as each core's kernels for sums of 16 bits have them.
 */
const LEAST: Readonly<Record<MeasuredCore, (kernel: string) => number>> = {
  // LPM 3, MULSU 2, ADD 1, ADC 1; with weights in the code LDI 1 and MUL 2.
  avr: (kernel) => (kernel === 'avr-registers' || kernel === 'avr-straight-line' ? 5 : 7),
  rv32imc: () => 3 / 2, // LW, MUL, ADD for two products
  'cortex-m4': () => 3 / 4, // LDRD, MLA, MLA for four
  'cortex-m0plus': () => 5 / 4, // LDMIA of two words, twice MULS, ADD for four
  lx106: () => 3 / 2, // L32I, MULL, ADD for two
  lx6: () => 3 / 2, // as lx106
};

/** The slowest row's time over that of its products: 1 is the limit. Inputs of zero have no products where they are passed over. */
export function overLimit({ core, network, constantTime, kernels, cost }: DeviceFigures): number {
  const known = NETWORKS.find(({ name }) => name === network)!;
  const model = benchModel(known);
  const raw = benchRows(known, ROWS, 2);
  const [features] = known.widths;
  const least = Array.from({ length: ROWS }, (_, r) => {
    const activity = rowActivity(model, raw.subarray(r * features, (r + 1) * features));
    return model.layers.reduce((sum, { inputs, outputs }, l) => {
      const active = constantTime ? inputs : activity[l].active.reduce((all, share) => all + share, 0);
      return sum + active * outputs * LEAST[core](kernels[l]);
    }, 0);
  });
  return cost.max / Math.max(...least);
}
