import type { QuantizedModel } from '../../model/quantized-model.js';
import { tinyModel } from './tiny-model.js';

/** The tiny model's two outputs as numbers: light in tenths, heat in hundreds. */
export function tinyRegression(changes: Partial<QuantizedModel> = {}): QuantizedModel {
  return tinyModel({
    classes: [],
    targets: {
      names: ['light', 'heat'],
      decimals: [1, -2],
      low: Int32Array.of(-481, -769),
      multiplier: Int32Array.of(700_000, 3),
      rounding: Int32Array.of(1_048_575, 0),
      shift: Int32Array.of(21, 1),
      base: Int32Array.of(-40, 12),
    },
    decision: 'value',
    probability: undefined,
    ...changes,
  });
}
