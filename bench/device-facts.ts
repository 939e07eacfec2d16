import type { CostSet } from '../codegen/cost-terms.js';

/** What the figures of `npm run bench:device` are compared with. */

export type MeasuredCore = Exclude<CostSet, 'cortex-m7'>;
type PerNetwork = Readonly<Partial<Record<string, number>>>;

/** The board whose core is measured. */
export const BOARDS: Readonly<Record<MeasuredCore, string>> = {
  avr: 'uno',
  rv32imc: 'esp32-c3',
  'cortex-m4': 'nano33ble',
  'cortex-m0plus': 'pico',
  lx106: 'esp8266',
  lx6: 'esp32',
};

/** The board for which costs are learnt. */
export const COST_BOARDS: Readonly<Record<CostSet, string>> = { ...BOARDS, 'cortex-m7': 'portenta-h7' };

/** To be reached, with zeros skipped and in constant time: cycles on AVR, instructions elsewhere. */
export const TARGETS: Readonly<Record<MeasuredCore, readonly [PerNetwork, PerNetwork]>> = {
  avr: [
    { A: 420, B: 276, C: 8001, D: 5585, E: 92525 },
    { A: 651, B: 550, C: 18385, D: 8857, E: 192757 },
  ],
  rv32imc: [
    { A: 250, B: 204, C: 5000, D: 3400, E: 40000 },
    { C: 6000, D: 3600, E: 56000 },
  ],
  'cortex-m4': [{ A: 174, B: 141, C: 3800, D: 2500, E: 33000 }, {}],
  'cortex-m0plus': [{ A: 345, B: 278, C: 6500, D: 4500, E: 70000 }, {}],
  lx106: [{ A: 375, B: 289, C: 9000, D: 5800, E: 72000 }, {}],
  lx6: [{ A: 375, B: 289, C: 9000, D: 5800, E: 72000 }, {}],
};

/**
 * The newest public commit of each tool in November 2026, measured in the same units on the same networks with the
 * fastest of -Os, -O2 and -O3; a network is missing where a tool can't run it or computes it wrongly.
 */
export const PEERS: Readonly<Record<MeasuredCore, Readonly<Record<string, PerNetwork>>>> = {
  avr: {
    nnom: { A: 2627, B: 2510, C: 36988 },
    'AIfES Q7': { A: 14467, B: 13286, C: 254013, D: 135472, E: 2462267 },
    'onnx2c int8': { A: 25460, B: 24349, C: 310130, D: 208392 },
    'CMSIS-NN in C': { A: 18206, B: 18619, C: 261924, D: 151943 },
    'esp-nn in C': { A: 18886, B: 17418, C: 318190, D: 181684 },
    'onnx2c float': { A: 15684, B: 12734, C: 581388, D: 302761 },
    'emlearn float': { A: 16256, B: 11676, C: 552388, D: 292392 },
    'AIfES float': { A: 23184, B: 19087, C: 608458, D: 342531 },
  },
  rv32imc: {
    nnom: { A: 665, B: 593, C: 17390, D: 8680, E: 178668 },
    'CMSIS-NN in C': { A: 1048, B: 1140, C: 14791, D: 8253, E: 141504 },
    'esp-nn in C': { A: 1150, B: 1086, C: 23286, D: 12280, E: 230648 },
    TFLM: { A: 2406, B: 2866, C: 24952, D: 14561, E: 232274 },
    'AIfES Q7': { A: 1905, B: 1823, C: 30060, D: 16128, E: 283498 },
    'onnx2c int8': { A: 12003, B: 11798, C: 74692, D: 67582, E: 347304 },
    'onnx2c float': { A: 10645, B: 7641, C: 369020, D: 194170, E: 3.7e6 },
    'emlearn float': { A: 11160, B: 8168, C: 371838, D: 196930, E: 3.7e6 },
  },
  'cortex-m4': {
    'CMSIS-NN': { A: 950, C: 6796, E: 49996 },
    'TFLM with CMSIS-NN': { A: 1623, C: 7478, E: 50677 },
    nnom: { A: 623, C: 12917, E: 128117 },
    'straight-line float': { A: 174, C: 6722 },
  },
  'cortex-m0plus': {
    'CMSIS-NN': { A: 1957, C: 19223, E: 160295 },
    nnom: { A: 850, C: 17965, E: 179243 },
    'straight-line float': { A: 9662, C: 354445 },
  },
  lx106: {
    nnom: { A: 1004, C: 27194, E: 280631 },
    'CMSIS-NN in C': { A: 2377, C: 23826, E: 213898 },
    'esp-nn in C': { A: 2170, C: 35807, E: 335334 },
  },
  lx6: {},
};
