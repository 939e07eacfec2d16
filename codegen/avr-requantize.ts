import type { QuantizedLayer } from '../model/quantized-model.js';
import { int } from './c-text.js';
import type { Helper } from './kernel.js';
import { render } from './render.js';

/** Requantisation by multipliers on AVR: in the blocks of the input-stationary kernel, and as a function of C. */

export type NarrowBits = 16 | 24;

/** The sum in r22:r19:r18 and the next multiplier in flash -> activation in r29; `spare` registers are free. */
export function wideActivationLines(
  layer: QuantizedLayer,
  constantTime: boolean,
  [third, fourth]: readonly string[],
): string[] {
  const { shift, maximum } = layer.requantization!;
  const product = ['r28', 'r29', third, fourth]; // without its lowest byte
  const carryTo = (from: number): string[] => product.slice(from).map((register) => `adc ${register}, r1`);
  const addProduct = (at: number): string[] => [
    `add ${product[at]}, r0`,
    `adc ${product[at + 1]}, r1`,
    'clr r1',
    ...carryTo(at + 2),
  ];
  const [half, lowest, ...rest] = product.slice(shift / 8 - 2);
  return [
    ...['lpm r20, Z+', 'lpm r21, Z+'],
    ...(constantTime
      ? ['r18', 'r19', 'r22'].flatMap((register) => ['sbrc r22, 7', `clr ${register}`])
      : ['clr r29', 'tst r22', 'brmi 5f']),
    ...['mul r22, r21', `mov ${third}, r0`, `mov ${fourth}, r1`, 'mul r19, r20', 'movw r28, r0'],
    ...['mul r18, r20', 'add r28, r1', 'clr r1', ...carryTo(1)],
    ...['mul r18, r21', ...addProduct(0)],
    ...['mul r22, r20', ...addProduct(1)],
    ...['mul r19, r21', ...addProduct(1)],
    ...[`lsl ${half}`, ...carryTo(shift / 8 - 1)],
    ...[`ldi r20, ${int(maximum)}`, `cp r20, ${lowest}`, ...rest.map((register) => `cpc r1, ${register}`)],
    ...['brsh 9f', `mov ${lowest}, r20`, '9:', ...(lowest === 'r29' ? [] : [`mov r29, ${lowest}`])],
    '5:',
  ];
}

/** The sum in r19:r18 and the next multiplier in flash -> activation in r29. */
export function activationLines(layer: QuantizedLayer, constantTime: boolean): string[] {
  const { shift, maximum } = layer.requantization!;
  const saturate =
    maximum === 255
      ? ['cpse r18, r1', 'ldi r29, 255']
      : [`cpi r29, ${int(maximum + 1)}`, 'cpc r18, r1', 'brlo 5f', `ldi r29, ${int(maximum)}`];
  return [
    ...['lpm r20, Z+', 'lpm r21, Z+'],
    ...(constantTime
      ? ['sbrc r19, 7', 'clr r18', 'sbrc r19, 7', 'clr r19']
      : ['clr r29', 'tst r19', 'brmi 5f']),
    ...['mul r18, r21', 'movw r28, r0'],
    ...['mul r18, r20', 'add r28, r1', 'clr r1', 'adc r29, r1', 'clr r18'],
    ...['mul r19, r20', 'add r28, r0', 'adc r29, r1', 'clr r1', 'adc r18, r1'],
    ...['mul r19, r21', 'add r29, r0', 'adc r18, r1', 'clr r1'],
    ...(shift === 16
      ? ['lsl r28', 'adc r29, r1', 'adc r18, r1']
      : ['lsl r29', 'adc r18, r1', 'mov r29, r18', 'clr r18']),
    ...saturate,
    '5:',
  ];
}

/** The requantisation of a narrow accumulator by a shift of whole bytes beyond the lowest. */
export function requantizeHelper(prefix: string, bits: NarrowBits, shift: 16 | 24): Helper {
  const name = `${prefix}_requantize${int(bits)}_${int(shift)}`;
  const bytes = bits === 24 ? ['%A[p]', '%B[p]', '%C[p]', '%D[p]'] : ['%[low]', '%A[p]', '%B[p]'];
  const lowest = shift / 8 - 1;
  const code = render('kernels/avr-requantize.c.hbs', {
    prefix,
    name,
    bits: int(bits),
    shift: int(shift),
    wide: bits === 24,
    productType: bits === 24 ? 'uint32_t' : 'uint16_t',
    half: bytes[lowest - 1],
    result: bytes.slice(lowest),
    lowest: bytes[lowest],
    rounding: int(2 ** (shift - 1)),
  });
  return { name, code, size: {} };
}
