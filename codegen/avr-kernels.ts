import { blockWeights, inputStationary } from './avr-kernel.js';
import { straightLine, straightLineSuits } from './avr-straight-line.js';
import { doublingsOf } from './avr-upper-byte.js';
import { int } from './c-text.js';
import type { Kernel } from './kernel.js';
import { layerInC } from './layer-in-c.js';
import { notedLines } from './noted-lines.js';

/** The kernels in AVR assembly. */
export const AVR_KERNELS: readonly Kernel[] = [
  {
    name: 'avr-straight-line',
    template: 'kernels/avr-straight-line.c.hbs',
    suits: ({ layer, constantTime, flashBudget }) =>
      straightLineSuits(layer) &&
      layer.weights.length < flashBudget &&
      straightLine(layer, constantTime).bytes <= flashBudget,
    weights: null,
    biasApart: false,
    multiplierApart: false,
    own: ({ layer, constantTime }, prefix, number) => {
      const { lines, notes, bytes, registers, size, work } = straightLine(layer, constantTime);
      const context = {
        code: notedLines(lines, notes),
        multiplies: layer.requantization !== null && doublingsOf(layer) === null,
        codeBytes: int(bytes),
        size: int(size),
        registers: registers.join(' '),
        clobbers: ['r20', 'r21', ...registers].map((register) => `"${register}"`).join(', '),
        skip: !constantTime,
        table: layer.table !== null && `${prefix}_table${int(number)}`,
        inC: layerInC(layer, number, prefix, 'x', 'y'),
      };
      return { context, helpers: [], work, stores: 0, spentBytes: bytes };
    },
  },
  {
    name: 'avr-input-stationary',
    template: 'kernels/avr-input-stationary.c.hbs',
    suits: () => true,
    weights: ({ layer }) => ({
      type: 'int8_t',
      values: blockWeights(layer, layer.accumulatorBits),
      comment: 'in blocks of outputs: biases, then (inputs, block)',
    }),
    biasApart: false,
    multiplierApart: false,
    own: ({ layer, constantTime }, prefix, number) => inputStationary(layer, number, prefix, constantTime),
  },
];
