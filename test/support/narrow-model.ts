import type { QuantizedLayer, QuantizedModel } from '../../model/quantized-model.js';
import type { Random } from '../../model/random.js';
import { proveAccumulator } from '../../model/range-proof.js';
import { between, pick } from './random-model.js';

/** Models of one hidden layer of few neurons, whose sums leave 16 bits and become activations by a power of two. */
export function narrowModel(random: Random): QuantizedModel {
  const widths = [between(random, 3, 9), between(random, 1, 4), between(random, 1, 3)];
  const inputMaximum = pick(random, [127, 255]);
  const maximum = pick(random, [127, 255]);
  const layers = [0, 1].map((l): QuantizedLayer => {
    const [inputs, outputs] = [widths[l], widths[l + 1]];
    const weightBits = pick(random, [8, 8, 4] as const);
    const limit = weightBits === 8 ? 127 : 7;
    const layer = {
      inputs,
      outputs,
      inputMaximum: l === 0 ? inputMaximum : maximum,
      weightBits,
      weights: Int8Array.from({ length: inputs * outputs }, () => between(random, -limit, limit)),
      bias: Int32Array.from({ length: outputs }, () => between(random, -2000, 2000)),
      requantization:
        l === 1
          ? null
          : {
              multiplier: new Int32Array(outputs).fill(2 ** between(random, 8, 13)),
              shift: 16 as const,
              maximum,
            },
      table: null,
    };
    return { ...layer, accumulatorBits: proveAccumulator(layer, 0, 'auto').bits };
  });
  return {
    name: 'narrow',
    classes: Array.from({ length: widths[2] }, (_, k) => `c${k}`),
    targets: null,
    decision: 'argmax',
    layers,
    input: {
      features: Array.from({ length: widths[0] }, (_, i) => `f${i}`),
      rawType: 'uint8',
      decimals: [0],
      low: Int32Array.of(0),
      span: Int32Array.of(inputMaximum),
      multiplier: Int32Array.of(65536),
      maximum: inputMaximum,
    },
  };
}

/** (rows, features), mostly at the ends of the features' range. */
export function extremeRows(random: Random, { input }: QuantizedModel, rows: number): Int32Array {
  const { features, maximum } = input;
  return Int32Array.from({ length: rows * features.length }, () =>
    pick(random, [0, maximum, maximum, between(random, 0, maximum)]),
  );
}
