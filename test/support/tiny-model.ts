import type { QuantizedModel } from '../../model/quantized-model.js';

/** A hand-written 2-3-2 model with a table layer, small enough to read in a golden file. */
export function tinyModel(changes: Partial<QuantizedModel> = {}): QuantizedModel {
  return {
    name: 'tiny',
    classes: ['no', 'yes'],
    targets: null,
    input: {
      features: ['light', 'heat'],
      rawType: 'int16',
      decimals: [0, 1],
      low: Int32Array.of(0, -400),
      span: Int32Array.of(1023, 1200),
      multiplier: Int32Array.of(8136, 6936),
      maximum: 127,
    },
    layers: [
      {
        inputs: 2,
        outputs: 3,
        inputMaximum: 127,
        weightBits: 8,
        weights: Int8Array.of(127, -20, 5, 90, -127, 64),
        bias: Int32Array.of(-1200, 300, 4000),
        accumulatorBits: 24,
        requantization: { multiplier: Int32Array.of(700, 900, 1100), shift: 16, maximum: 255 },
        table: Uint8Array.from({ length: 256 }, (_, j) => Math.min(127, j >> 1)),
      },
      {
        inputs: 3,
        outputs: 2,
        inputMaximum: 127,
        weightBits: 4,
        weights: Int8Array.of(7, -3, 2, -7, 5, 1),
        bias: Int32Array.of(-100, 120),
        accumulatorBits: 16,
        requantization: null,
        table: null,
      },
    ],
    decision: 'argmax',
    // One unit of an output is worth 1/500.
    probability: { kind: 'softmax', drop: 0, multiplier: 48409, shift: 17 },
    ...changes,
  };
}
