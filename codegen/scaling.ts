import { scaleOutput } from '../model/arithmetic.js';
import { entryOf, RAW_TYPES } from '../model/network.js';
import type { QuantizedLayer, QuantizedModel, QuantizedTargets } from '../model/quantized-model.js';
import { neuronRange } from '../model/range-proof.js';
import { commentText, int } from './c-text.js';
import { constantArray, type ConstantArray } from './constant-array.js';
import type { TemplateValue } from './render.js';

/** How features come in and values go out: constants, and the units in words. */

/** Constants of the input scaling; none where one scaling, in the code itself, serves all features. */
export function inputArrays({ input }: QuantizedModel): ConstantArray[] {
  if (input.low.length === 1) return [];
  return [
    constantArray(
      'feature_low',
      'int32_t',
      input.low,
      'Input scaling: the raw value of each feature that becomes 0.',
    ),
    constantArray(
      'feature_span',
      'uint16_t',
      input.span,
      'Input scaling: raw values that far above it saturate.',
    ),
    constantArray('feature_multiplier', 'uint32_t', input.multiplier, 'Input scaling: over 2^16.'),
  ];
}

/** Constants of a regression's output scaling. */
export function targetArrays({ low, multiplier, rounding, shift, base }: QuantizedTargets): ConstantArray[] {
  const array = (name: string, type: string, values: Int32Array, comment: string): ConstantArray =>
    constantArray(`target_${name}`, type, values, `Output scaling: ${comment}`);
  return [
    array('low', 'int32_t', low, 'no raw output is below it.'),
    array('multiplier', 'uint32_t', multiplier, 'over 2^shift.'),
    array('rounding', 'uint32_t', rounding, 'over 2^shift.'),
    array('shift', 'uint8_t', shift, '0..31.'),
    array('base', 'int32_t', base, 'the value at the lowest raw output.'),
  ];
}

const inUnits = (what: string, decimals: number): string =>
  decimals > 0 ? `${what} * 1e${decimals}` : decimals < 0 ? `${what} / 1e${-decimals}` : what;

/** A float in units of the raw feature, in C. */
const inRawUnits = (decimals: number): string => (decimals === 0 ? 'value' : `value * 1e${int(decimals)}f`);

/** Values of the template for the header's conversion of floats: a feature in its raw unit, and the raw type's ends. */
export function floatInput({ input }: QuantizedModel): Record<string, TemplateValue> {
  const count = input.features.length;
  const runs: { branch: string; scaled: string }[] = [];
  for (let start = 0; start < count;) {
    const decimals = entryOf(input.decimals, start);
    let end = start + 1;
    while (end < count && entryOf(input.decimals, end) === decimals) end++;
    const condition = end < count ? `if (index < ${int(end)}U) ` : '';
    runs.push({ branch: `${start > 0 ? '} else ' : ''}${condition}{`, scaled: inRawUnits(decimals) });
    start = end;
  }
  const { lowest, highest } = RAW_TYPES[input.rawType];
  return {
    oneUnit: runs.length === 1,
    scaled: runs[0].scaled,
    unitRuns: runs,
    rawLowest: int(lowest),
    rawHighest: int(highest),
    rawLowestFloat: `${lowest}.0f`,
    rawHighestFloat: `${highest}.0f`,
  };
}

/** "[3] petal_width: raw = round(value * 1e1), -1..31 used" for the header. */
export function unitLines({ input }: QuantizedModel): string[] {
  const line = (who: string, i: number): string => {
    const decimals = entryOf(input.decimals, i);
    const value = inUnits('value', decimals);
    const low = entryOf(input.low, i);
    return `${who}: raw = round(${value}); what lies beyond ${int(low)}..${int(low + entryOf(input.span, i))} counts as its nearer end`;
  };
  if (input.low.length === 1) return [line('every feature', 0)];
  return input.features.map((name, i) => line(`[${i}] ${commentText(name)}`, i));
}

/** "[0] temperature: value = round(target * 1e2), -1200..4715 possible" for the header. */
export function valueLines(
  { names, decimals, base, ...scaling }: QuantizedTargets,
  last: QuantizedLayer,
): string[] {
  return names.map((name, n) => {
    const { low, multiplier, rounding, shift } = scaling;
    const { highest } = neuronRange(last, n);
    const most = scaleOutput(highest, low[n], multiplier[n], rounding[n], shift[n], base[n]);
    return `[${n}] ${commentText(name)}: value = round(${inUnits('target', decimals[n])}), within ${int(base[n])}..${int(most)}`;
  });
}
