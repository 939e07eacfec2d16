import type { QuantizedModel } from '../../model/quantized-model.js';
import { tinyModel } from './tiny-model.js';

/** The smallest network there is, one input and one output of this bias: a class by its sign, or the only one. */
export function oneNeuron(bias: number, classes: readonly string[]): QuantizedModel {
  const isLone = classes.length > 1;
  return tinyModel({
    classes,
    input: {
      features: ['x'],
      rawType: 'int16',
      decimals: [0],
      low: Int32Array.of(0),
      span: Int32Array.of(1),
      multiplier: Int32Array.of(65536),
      maximum: 127,
    },
    layers: [
      {
        inputs: 1,
        outputs: 1,
        inputMaximum: 127,
        weightBits: 8,
        weights: Int8Array.of(0),
        bias: Int32Array.of(bias),
        accumulatorBits: 32,
        requantization: null,
        table: null,
      },
    ],
    decision: isLone ? 'sign' : 'argmax',
    probability: { ...tinyModel().probability!, kind: isLone ? 'sigmoid' : 'softmax' },
  });
}

/** Every end of 32 bits and every sign, of one class and of two. */
export const EXTREMES: readonly { readonly model: QuantizedModel; readonly raw: Int32Array }[] = [
  -2147483648, -1, 0, 1, 2147483647,
].flatMap((bias) =>
  [['a'], ['a', 'b']].map((classes) => ({
    model: oneNeuron(bias, classes),
    raw: Int32Array.of(0, 1, -5, 32767),
  })),
);
