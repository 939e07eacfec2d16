import { int } from './c-text.js';
import { FIRST, INPUT, isUpper, SECOND, sumOf, WORD, type ResultsDialect } from './unrolled-store.js';

/** What follows the sums of an unrolled SWAR layer on Xtensa, in the statement of the sums. */

/** A logical shift to the right. */
const xtensaShift = (to: string, from: string, shift: number): string =>
  shift < 16
    ? `srli ${to}, ${from}, ${int(shift)}`
    : `extui ${to}, ${from}, ${int(shift)}, ${int(32 - shift)}`;

/** What has a form of two bytes: near words, small constants. */
const XTENSA_SHORT = /^(add |[ls]32i .*, ([0-9]|[1-5][0-9]|60)$|movi .*, ([0-9]|[1-8][0-9]|9[0-5])$)/;

/** Were the pointer to the inputs and scratch of the sums: zero and the largest activation. */
const [ZERO, MOST] = ['%[x]', SECOND];

/** MOVLTZ chooses by a sign, so that no time depends on data. */
export const XTENSA: ResultsDialect = {
  joins: true,
  registers: {},
  spends: ['x', 'word'],
  scratch: ({ layer, requantizer }) => (requantizer?.clamped && layer.outputs <= 2 ? ['second'] : []),
  constraint: () => 'r',
  left: () => Infinity,
  rounds: () => ({ held: true, behind: true }),
  directives: [],
  bytes: (line) => (XTENSA_SHORT.test(line) ? 2 : 3),
  start: ({ layer, requantizer }, words) =>
    requantizer
      ? [
          `l32i ${WORD}, ${WORD}, ${int(4 * words)}`,
          `movi ${ZERO}, 0`,
          ...(requantizer.clamped ? [`movi ${MOST}, ${int(layer.requantization!.maximum)}`] : []),
        ]
      : [],
  output: ({ layer, requantizer }, n) => {
    const sum = sumOf(n);
    const from = n % 2 === 0 ? INPUT : sum;
    const upper = n % 2 === 0 ? [`slli ${INPUT}, ${sum}, 16`] : [];
    const giveBack = n + 1 < layer.outputs ? [`sub ${sum}, ${sum}, ${INPUT}`] : [];
    const whole =
      n % 2 === 0 ? [...upper, `srai ${INPUT}, ${INPUT}, 16`, ...giveBack] : [`srai ${sum}, ${sum}, 16`];
    if (!requantizer) return [...whole, `s32i ${from}, %[y], ${int(4 * n)}`];
    const { shift, multiplies, clamped } = requantizer;
    const rounded = isUpper(requantizer)
      ? [...upper, `add ${from}, ${from}, ${WORD}`, xtensaShift(FIRST, from, shift)]
      : [
          ...whole,
          ...(multiplies
            ? [`l16ui ${FIRST}, %[multiplier], ${int(2 * n)}`, `mull ${FIRST}, ${FIRST}, ${from}`]
            : []),
          `add ${FIRST}, ${multiplies ? FIRST : from}, ${WORD}`,
          xtensaShift(FIRST, FIRST, shift),
        ];
    return [
      ...rounded,
      `movltz ${FIRST}, ${ZERO}, ${from}`,
      ...(clamped ? [`sub ${INPUT}, ${MOST}, ${FIRST}`, `movltz ${FIRST}, ${MOST}, ${INPUT}`] : []),
      ...(layer.table ? [`add ${FIRST}, %[table], ${FIRST}`, `l8ui ${FIRST}, ${FIRST}, 0`] : []),
      `s8i ${FIRST}, %[y], ${int(n)}`,
    ];
  },
};
