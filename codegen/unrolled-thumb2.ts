import { int } from './c-text.js';
import type { Requantizer } from './requantization.js';
import { isUpper, OTHER, sumOf, VALUE, WORD, type ResultsDialect, type Store } from './unrolled-store.js';

/** What follows the sums of an unrolled SWAR layer on a Thumb-2 core, in a statement of its own. */

/** Whether an instruction holds it: eight bits in a row, wherever they are, are enough of those that round. */
function isImmediate(value: number): boolean {
  const lowest = value & -value;
  return value / lowest < 256;
}

/** Products and halves of words take what rounds from a register. */
const isRoundingHeld = (requantizer: Requantizer): boolean => requantizer.multiplies || isUpper(requantizer);

const rounds: ResultsDialect['rounds'] = (requantizer) => {
  const held = isRoundingHeld(requantizer);
  return { held, behind: held && !isImmediate(requantizer.rounding) };
};

/** At most the largest activation. */
function clamp(most: number, bits: number): string[] {
  if (most === 2 ** bits - 1) return [`usat ${VALUE}, #${int(bits)}, ${VALUE}`];
  return [`cmp ${VALUE}, #${int(most)}`, 'it hi', `movhi ${VALUE}, #${int(most)}`];
}

/** USAT and BIC make 0 of what is below 0, so that no time depends on a sum. */
function activate(from: string, n: number, { layer, requantizer }: Store): string[] {
  const { multiplies, shift, rounding, clamped, saturatingBits } = requantizer!;
  const most = layer.requantization!.maximum;
  const scaled = multiplies
    ? [`ldrh.w ${OTHER}, [%[multiplier], #${int(2 * n)}]`, `mla ${VALUE}, ${VALUE}, ${OTHER}, ${WORD}`]
    : isUpper(requantizer)
      ? []
      : [`add.w ${VALUE}, ${VALUE}, #${int(rounding)}`];
  if (saturatingBits !== null) {
    const last = isUpper(requantizer) ? from : VALUE;
    return [...scaled, `usat ${VALUE}, #${int(saturatingBits)}, ${last}, asr #${int(shift)}`];
  }
  return [
    `bic.w ${VALUE}, ${from}, ${from}, asr #31`,
    ...scaled,
    `lsrs ${VALUE}, ${VALUE}, #${int(shift)}`,
    ...(clamped ? clamp(most, Math.ceil(Math.log2(most + 1))) : []),
  ];
}

/** The sum itself, or the rounded sum in the upper half of a register. What a lower half borrowed is given back. */
function take({ layer, requantizer }: Store, n: number): { from: string; lines: string[] } {
  const sum = sumOf(n);
  const isHigh = n % 2 === 1;
  if (isUpper(requantizer)) {
    if (isHigh) return { from: sum, lines: [`add ${sum}, ${WORD}`] };
    return { from: VALUE, lines: [`add.w ${VALUE}, ${WORD}, ${sum}, lsl #16`] };
  }
  if (isHigh) return { from: VALUE, lines: [`asrs ${VALUE}, ${sum}, #16`] };
  const giveBack = n + 1 < layer.outputs ? [`subs ${sum}, ${sum}, ${VALUE}`] : [];
  return { from: VALUE, lines: [`sxth ${VALUE}, ${sum}`, ...giveBack] };
}

/** What has no short form, be its operands what they may. */
const LONG = /^(ldrd|mla|usat|\w+\.w) /;
/** The register of the fourth word is not among those that short forms know, but for ADD. */
const LONG_OF_HIGH = /^(sxth|subs|asrs) .*%\[sum3\]/;
/** Short loads reach 31 bytes and 31 words. */
const NEAR = { ldrb: 32, ldr: 128 } as const;

function bytes(line: string): number {
  const [, what, at] = /^(ldrb|ldr) .*#(\d+)\]$/.exec(line) ?? [];
  if (what) return Number(at) < NEAR[what as keyof typeof NEAR] ? 2 : 4;
  return LONG.test(line) || LONG_OF_HIGH.test(line) ? 4 : 2;
}

export const THUMB2: ResultsDialect = {
  joins: false,
  registers: { word: 'r3', sum0: 'r4', sum1: 'r5', sum2: 'r6', sum3: 'r12' },
  spends: [],
  left: () => Infinity,
  scratch: ({ requantizer }) => (requantizer?.multiplies ? ['value', 'other'] : ['value']),
  constraint: (operand) => (['multiplier', 'other'].includes(operand) ? 'r' : 'l'),
  rounds,
  directives: [],
  bytes,
  start: ({ requantizer }, words) => {
    if (!requantizer || !isRoundingHeld(requantizer)) return [];
    return rounds(requantizer).behind
      ? [`ldr ${WORD}, [${WORD}, #${int(4 * words)}]`]
      : [`mov.w ${WORD}, #${int(requantizer.rounding)}`];
  },
  output: (store, n) => {
    const { layer, requantizer } = store;
    const { from, lines } = take(store, n);
    if (!requantizer) return [...lines, `str ${from}, [%[y], #${int(4 * n)}]`];
    return [
      ...lines,
      ...activate(from, n, store),
      ...(layer.table ? [`ldrb ${VALUE}, [%[table], ${VALUE}]`] : []),
      `strb ${VALUE}, [%[y], #${int(n)}]`,
    ];
  },
};
