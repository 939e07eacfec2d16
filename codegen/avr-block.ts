import type { QuantizedLayer } from '../model/quantized-model.js';
import { savedRegisters, SUM_REGISTERS } from './avr-kernel.js';
import { CODE_OFFSET, shiftSubroutine, unpack, workPacked, type Registers } from './avr-packed.js';
import { activationLines, SUM, wideActivationLines } from './avr-requantize.js';
import { avrBytes, avrCycles } from './avr-timing.js';
import { tableLines } from './avr-upper-byte.js';
import { int } from './c-text.js';
import type { Helper } from './kernel.js';
import { render } from './render.js';

/** A function in AVR assembly that computes a block of outputs, and what one call of it takes. */
export interface Block {
  readonly helper: Helper;
  /** Registers that it changes, beside X, Y, Z, r0, r1, r18 and r19. */
  readonly changed: readonly string[];
  readonly saved: number;
  /** From its first instruction to its return, were all inputs 0 and all sums below 0. */
  readonly cycles: number;
  /** On top, of an input that is not zero, and of a sum that is not below 0. */
  readonly stepCycles: number;
  readonly positiveCycles: number;
  /** Calls within it, and its own. */
  readonly calls: number;
  readonly stackBytes: number;
}

/** One input, in r20, times one weight of 8 bits for each sum. */
function work8(sums: Registers): string[] {
  return sums.flatMap(([lowest, next, ...higher]) => [
    'lpm r21, Z+',
    'mulsu r21, r20',
    // MULSU leaves the product's sign in the carry.
    ...(higher.length > 0 ? ['sbc r21, r21'] : []),
    `add ${lowest}, r0`,
    `adc ${next}, r1`,
    ...higher.map((register) => `adc ${register}, r21`),
  ]);
}

/** Instructions of inline assembly in C, one a line. */
const assemblyLines = (code: string): string[] =>
  Array.from(code.matchAll(/^ *"([^"]+)\\n\\t"/gm), ([, line]) => line);

/** Instructions that bring a sum to where it is requantised. */
function moveSum(sum: readonly string[]): string[] {
  if (sum[0] === SUM[0]) return [];
  return sum.length % 2 === 0
    ? [0, 2].slice(0, sum.length / 2).map((b) => `movw ${SUM[b]}, ${sum[b]}`)
    : sum.map((register, b) => `mov ${SUM[b]}, ${register}`);
}

/** Of `size` outputs: activations, or 32 bits of raw output. */
export function blockHelper(
  layer: QuantizedLayer,
  number: number,
  prefix: string,
  size: number,
  constantTime: boolean,
): Block {
  const bits = layer.accumulatorBits;
  const q = layer.requantization;
  const sumBytes = bits / 8;
  const kind = q ? `activations_${int(q.shift)}_${int(q.maximum)}` : 'outputs';
  const packed = layer.weightBits === 8 ? null : layer.weightBits;
  const perByte = 8 / layer.weightBits;
  const table = layer.table !== null ? `${prefix}_table${int(number)}` : false;
  const stem = `${prefix}_${kind}_${int(size)}_${int(bits)}${packed ? `_int${int(packed)}` : ''}`;
  const name = table ? `${stem}_table${int(number)}` : stem;
  const names = SUM_REGISTERS.map((register) => `r${int(register)}`);
  // The sum of the inputs follows the other sums; SUM_REGISTERS ends in one that 24-bit sums leave over.
  const inputSum = packed ? names.slice(size * sumBytes, (size + 1) * sumBytes) : [];
  const zero = packed && bits > 16 ? [names[names.length - 1]] : [];
  const registers = names.slice(0, size * sumBytes);
  const spare = q && bits > 16 ? names.slice(size * sumBytes, size * sumBytes + 2) : [];
  const sums = Array.from({ length: size }, (_, k) => {
    const bytes = registers.slice(k * sumBytes, (k + 1) * sumBytes);
    const listed = [...bytes].reverse().join(':');
    return { index: int(k), bytes, high: bytes[sumBytes - 1], registers: listed.padEnd(11) };
  });
  const sumRegisters = sums.map(({ bytes }) => bytes);
  // After the last one the code goes on into what it calls for the others, whose RET is the block's then.
  const requantize = q
    ? sumRegisters.flatMap((sum, k) => [...moveSum(sum), ...(k < size - 1 ? ['rcall 4f'] : [])])
    : [];
  const used = [
    ...registers,
    ...inputSum,
    ...zero,
    ...spare,
    'r20',
    'r21',
    ...(q ? SUM.slice(0, sumBytes) : []),
  ];
  const changed = [...new Set(used)].filter((register) => register !== 'r18' && register !== 'r19');
  const clear = [...inputSum, ...zero].map((register) => `clr ${register}`);
  const work = packed ? workPacked(sumRegisters, inputSum, zero[0], packed) : work8(sumRegisters);
  const unpacking = packed ? unpack(sumRegisters, inputSum, packed) : [];
  const subroutine = packed ? shiftSubroutine(sumBytes, packed) : [];
  const requantizing =
    bits > 16
      ? () => wideActivationLines(layer, constantTime, spare)
      : () => activationLines(layer, constantTime);
  // The multipliers' address waits in the registers of a multiplier.
  const look = table ? ['movw r20, r30', ...tableLines('r29', 'table'), 'movw r30, r20'] : [];
  const activation = q ? [...requantizing(), ...look] : [];
  const code = render('kernels/avr-block.c.hbs', {
    PREFIX: prefix.toUpperCase(),
    packed: packed !== null,
    nibbles: packed === 4,
    weightBits: int(layer.weightBits),
    perByte: int(perByte),
    lastInByte: int(perByte - 1),
    code: int(2 ** layer.weightBits - 1),
    unit: int(2 ** layer.weightBits),
    offset: int(CODE_OFFSET[layer.weightBits]),
    inputBytes: int(Math.ceil(size / perByte)),
    zero: zero.length > 0 && zero[0],
    inputSum: [...inputSum].reverse().join(':').padEnd(11),
    clear,
    work,
    unpack: packed !== null && unpacking,
    subroutine: packed !== null && subroutine,
    prefix,
    name,
    size: int(size),
    several: size > 1,
    bits: int(bits),
    wide: bits > 16,
    carries: int(sumBytes - 1),
    activations: q !== null && activation,
    requantize,
    rounding: int(q ? 2 ** (q.shift - 1) : 0),
    sumHigh: SUM.slice(2, sumBytes)
      .reverse()
      .map((register) => `${register}:`)
      .join(''),
    product:
      bits === 16 ? 'r18:r29:r28' : [...SUM.slice(3, sumBytes), ...spare.toReversed(), 'r29:r28'].join(':'),
    roundsLowest: q?.shift === 8,
    table,
    shift: int(q?.shift ?? 0),
    maximum: int(q?.maximum ?? 0),
    skip: !constantTime,
    type: q ? 'uint8_t' : 'int32_t',
    extend: bits < 32 && Array.from({ length: 4 - sumBytes }, () => true),
    sums,
    sumBytes: int(sumBytes),
    narrow: bits < 32,
    mask: int(2 ** bits - 1),
    half: int(2 ** (bits - 1)),
    biasBytes: int(size * sumBytes),
  });
  const resting = avrCycles(activation, ['brmi']);
  const workCycles = avrCycles(work);
  // An input's loop: LD 2, DEC 1, BRNE 2; where zeros are passed over also TST 1 and BRNE 1, ADIW 2 for a zero.
  const inputCycles = constantTime ? 5 + workCycles : 9;
  const pages = Math.ceil(layer.inputs / 256); // at the end of each DEC 1, BRNE 2, and the inner BRNE 1 less …
  const pageCycles = constantTime ? 2 : 4; // … but where its last input is zero, RJMP 2
  // Activations: ST 2, and for all but the last one RET 4. Outputs: ST 2 for each byte; LSL, SBC where a byte repeats.
  const storeCycles = q ? avrCycles(requantize) + size * (resting + 6) - 4 : size * (bits === 32 ? 8 : 10);
  const shifts = unpacking.filter((line) => line.startsWith('rcall')).length;
  const cycles =
    8 + // PUSH, PUSH, POP, POP
    3 * sumBytes * size + // LPM
    avrCycles(clear) +
    layer.inputs * inputCycles +
    pageCycles * pages -
    1 + // the last BRNE
    avrCycles(unpacking) +
    shifts * avrCycles(subroutine) +
    storeCycles +
    4; // RET
  return {
    helper: { name, code, size: { exact: avrBytes(assemblyLines(code)) } },
    changed,
    saved: savedRegisters(changed.map((register) => Number(register.slice(1)))),
    cycles,
    stepCycles: constantTime ? 0 : workCycles - 1, // the other BRNE is taken, and there is no ADIW
    positiveCycles: avrCycles(activation) - resting,
    calls: shifts + (q ? size : 1),
    stackBytes: packed ? 6 : 4, // return address, results, or another return address; then that of the subroutine
  };
}
