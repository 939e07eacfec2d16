import { avrEnds } from './avr-ends.js';
import { inputStationary } from './avr-input-stationary.js';
import { blockWeights } from './avr-kernel.js';
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
      straightLine(layer, constantTime, false).bytes <= flashBudget,
    weights: null,
    biasApart: false,
    multiplierApart: false,
    own: ({ layer, constantTime }, prefix, number) => {
      const ends = avrEnds(prefix, number, number, layer.requantization === null);
      const { isFirst, isLast, parameters, from, to, passed } = ends;
      const { lines, notes, bytes, registers, size, work } = straightLine(layer, constantTime, isFirst);
      const table = layer.table ? [`[table] "i"(${prefix}_table${int(number)})`] : [];
      const clobbers = [
        ...(isFirst ? [] : ['r26', 'r27']),
        ...(isLast ? [] : ['r30', 'r31']),
        ...['r20', 'r21'],
        ...registers,
      ];
      const context = {
        isFirst,
        isLast,
        parameters,
        changed: [...(isFirst ? [' "+x"(x)'] : []), ...(isLast ? [' "+z"(y)'] : [])].join(','),
        operands: [...ends.operands, ...table].map((operand) => ` ${operand}`).join(','),
        code: notedLines(lines, notes),
        multiplies: layer.requantization !== null && doublingsOf(layer) === null,
        table: table.length > 0,
        codeBytes: int(bytes),
        size: int(size),
        registers: registers.join(' '),
        clobbers: clobbers.map((register) => `"${register}"`).join(', '),
        skip: !constantTime,
        inC: layerInC(layer, number, prefix, from, to),
      };
      return { context, helpers: [], work, spentBytes: bytes, passed };
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
