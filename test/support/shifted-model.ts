import type { QuantizedInput, QuantizedLayer, QuantizedModel } from '../../model/quantized-model.js';
import type { Random } from '../../model/random.js';
import { between, pick, randomTable } from './random-model.js';

/** Random models that requantise by powers of two, at the very ends of what 16 bits hold. */

/** Neurons whose sums, from 0 inputs to the highest, reach from one end of 16 bits to the other, `room` below the upper one. */
function fullNeuron(
  random: Random,
  inputs: number,
  inputMaximum: number,
  room: number,
): { row: number[]; bias: number } {
  let left = Math.floor((65535 - room) / inputMaximum);
  const row = Array.from({ length: inputs }, () => {
    const most = Math.min(left, 127);
    const weight = pick(random, [0, 1, -1, between(random, -most, most), between(random, -most, most)]);
    const fitting = Math.min(Math.max(weight, -most), most);
    left -= Math.abs(fitting);
    return fitting;
  });
  const sum = (sign: number): number => row.reduce((total, w) => total + (Math.sign(w) === sign ? w : 0), 0);
  const lowest = -32768 - inputMaximum * sum(-1);
  const highest = 32767 - room - inputMaximum * sum(1);
  return { row, bias: pick(random, [lowest, highest, between(random, lowest, highest)]) };
}

/** A model of these widths, inputs first, whose hidden layers requantise by powers of two, some of them through tables. */
export function shiftedModel(random: Random, [features, ...widths]: readonly number[]): QuantizedModel {
  const maximum = pick(random, [1, 127, 255]);
  const layers: QuantizedLayer[] = [];
  let inputs = features;
  let inputMaximum = maximum;
  widths.forEach((outputs, l) => {
    const isOutput = l === widths.length - 1;
    const doublings = random.below(4);
    const room = isOutput ? 0 : 2 ** (7 - doublings);
    const neurons = Array.from({ length: outputs }, () => fullNeuron(random, inputs, inputMaximum, room));
    const table = !isOutput && random.below(3) === 0 ? randomTable(random) : null;
    const highest = table ? 255 : pick(random, [127, 127, between(random, 1, 255)]);
    const multiplier = new Int32Array(outputs).fill(2 ** (8 + doublings));
    layers.push({
      inputs,
      outputs,
      inputMaximum,
      weightBits: 8,
      weights: Int8Array.from(neurons.flatMap(({ row }) => row)),
      bias: Int32Array.from(neurons, ({ bias }) => bias),
      accumulatorBits: 16,
      requantization: isOutput ? null : { multiplier, shift: 16, maximum: highest },
      table,
    });
    inputs = outputs;
    inputMaximum = table ? Math.max(1, ...table) : highest;
  });
  const input: QuantizedInput = {
    features: Array.from({ length: features }, (_, i) => `f${i}`),
    rawType: 'uint8',
    decimals: [0],
    low: Int32Array.of(0),
    span: Int32Array.of(maximum),
    multiplier: Int32Array.of(65536),
    maximum,
  };
  const classes = Array.from({ length: inputs }, (_, k) => `c${k}`);
  return { name: 'shifted', classes, targets: null, input, layers, decision: 'argmax' };
}
