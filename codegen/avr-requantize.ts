import type { QuantizedLayer } from '../model/quantized-model.js';
import { int } from './c-text.js';

/**
 * Requantisation by multipliers in AVR assembly: a sum in `SUM`, its lowest byte first, and the next multiplier in flash ->
 * activation in r29. The product's lowest byte stays in r0 just long enough to round over 2^8.
 */

/** Where the block has the sum that it requantises, beside r20 and r21, which hold the multiplier. */
export const SUM = ['r18', 'r19', 'r22', 'r23'];

/** A negative sum gives 0: in constant time as a sum of 0 does, else right away. */
const rectify = (sum: readonly string[], constantTime: boolean): string[] => {
  const high = sum[sum.length - 1];
  return constantTime
    ? sum.flatMap((register) => [`sbrc ${high}, 7`, `clr ${register}`])
    : ['clr r29', `tst ${high}`, 'brmi 5f'];
};

/** A sum of 24 or 32 bits; `spare` registers are free. */
export function wideActivationLines(
  layer: QuantizedLayer,
  constantTime: boolean,
  [third, fourth]: readonly string[],
): string[] {
  const { accumulatorBits, requantization } = layer;
  const { shift, maximum } = requantization!;
  const sum = SUM.slice(0, accumulatorBits / 8);
  const [s0, s1, s2, s3] = sum;
  // Without its lowest byte. Of 32 bits the highest one of the sum makes room for that of the product.
  const product = ['r28', 'r29', third, fourth, ...sum.slice(3)];
  const carryTo = (from: number): string[] => product.slice(from).map((register) => `adc ${register}, r1`);
  const addProduct = (at: number): string[] => [
    `add ${product[at]}, r0`,
    `adc ${product[at + 1]}, r1`,
    'clr r1',
    ...carryTo(at + 2),
  ];
  const highest =
    accumulatorBits === 24
      ? [`mul ${s2}, r21`, `mov ${third}, r0`, `mov ${fourth}, r1`]
      : [
          ...[`mul ${s3}, r21`, `mov ${fourth}, r0`, `mov ${third}, r1`],
          ...[`mul ${s3}, r20`, `mov ${s3}, ${third}`, `mov ${third}, r0`],
          ...[`add ${fourth}, r1`, 'clr r1', `adc ${s3}, r1`],
          ...[`mul ${s2}, r21`, ...addProduct(2)],
        ];
  const [lowest, ...rest] = product.slice(shift / 8 - 1);
  const half = shift === 8 ? 'r0' : product[shift / 8 - 2];
  const round = [`lsl ${half}`, ...carryTo(shift / 8 - 1)];
  return [
    ...['lpm r20, Z+', 'lpm r21, Z+'],
    ...rectify(sum, constantTime),
    ...[...highest, `mul ${s1}, r20`, 'movw r28, r0'],
    ...[`mul ${s0}, r20`, 'add r28, r1', 'clr r1', ...carryTo(1)],
    ...(shift === 8 ? round : []),
    ...[`mul ${s0}, r21`, ...addProduct(0)],
    ...[`mul ${s2}, r20`, ...addProduct(1)],
    ...[`mul ${s1}, r21`, ...addProduct(1)],
    ...(shift === 8 ? [] : round),
    ...[`ldi r20, ${int(maximum)}`, `cp r20, ${lowest}`, ...rest.map((register) => `cpc r1, ${register}`)],
    ...['brsh 9f', `mov ${lowest}, r20`, '9:', ...(lowest === 'r29' ? [] : [`mov r29, ${lowest}`])],
    '5:',
  ];
}

/** A sum of 16 bits. */
export function activationLines(layer: QuantizedLayer, constantTime: boolean): string[] {
  const { shift, maximum } = layer.requantization!;
  const saturate =
    maximum === 255
      ? ['cpse r18, r1', 'ldi r29, 255']
      : [`cpi r29, ${int(maximum + 1)}`, 'cpc r18, r1', 'brlo 5f', `ldi r29, ${int(maximum)}`];
  const results: Readonly<Record<typeof shift, readonly string[]>> = {
    8: [
      ...[`ldi r20, ${int(maximum)}`, 'cp r20, r28', 'cpc r1, r29', 'cpc r1, r18'],
      ...['brsh 9f', 'mov r28, r20', '9:', 'mov r29, r28'],
    ],
    16: ['lsl r28', 'adc r29, r1', 'adc r18, r1', ...saturate],
    24: ['lsl r29', 'adc r18, r1', 'mov r29, r18', 'clr r18', ...saturate],
  };
  return [
    ...['lpm r20, Z+', 'lpm r21, Z+'],
    ...rectify(SUM.slice(0, 2), constantTime),
    ...['mul r18, r21', 'movw r28, r0'],
    ...['mul r18, r20', 'add r28, r1', 'clr r1', 'adc r29, r1'],
    ...(shift === 8 ? ['lsl r0', 'adc r28, r1', 'adc r29, r1'] : []),
    ...['clr r18', 'mul r19, r20', 'add r28, r0', 'adc r29, r1', 'clr r1', 'adc r18, r1'],
    ...['mul r19, r21', 'add r29, r0', 'adc r18, r1', 'clr r1'],
    ...results[shift],
    '5:',
  ];
}
