import { int } from './c-text.js';
import { isUpper, OTHER, VALUE, WORD, type ResultsDialect, type Store } from './unrolled-store.js';

/** What follows the sums of an unrolled SWAR layer on a Thumb-1 core, in a statement of its own. */

/** How far a Thumb-1 core loads words from their base. */
const THUMB_REACH = 124;

/** At most the largest activation, where label 2 stands; not by a branch where the time must be constant. */
function thumbClamp(to: string, { layer, requantizer, constantTime }: Store): string[] {
  if (!requantizer!.clamped) return [];
  const most = int(layer.requantization!.maximum);
  if (!constantTime) return [`cmp ${to}, #${most}`, 'bls 2f', `movs ${to}, #${most}`];
  return [
    `subs ${to}, #${most}`,
    `asrs ${OTHER}, ${to}, #31`,
    `ands ${to}, ${OTHER}`,
    `adds ${to}, #${most}`,
  ];
}

/** A sum becomes an activation in its register; the flags tell its sign. */
function thumbActivate(to: string, n: number, store: Store): string[] {
  const { requantizer, constantTime } = store;
  const { shift, multiplies, clamped } = requantizer!;
  const scale = isUpper(requantizer)
    ? [`lsrs ${to}, ${to}, #${int(shift)}`]
    : [
        ...(multiplies
          ? [`ldrh ${OTHER}, [%[multiplier], #${int(2 * n)}]`, `muls ${to}, ${OTHER}, ${to}`]
          : []),
        // Half a unit more is one more of halves.
        ...(shift > 1 ? [`lsrs ${to}, ${to}, #${int(shift - 1)}`] : []),
        `adds ${to}, #1`,
        `lsrs ${to}, ${to}, #1`,
      ];
  const scaled = [...scale, ...thumbClamp(to, store)];
  if (constantTime) return [`asrs ${OTHER}, ${to}, #31`, `bics ${to}, ${OTHER}`, ...scaled];
  const isShort = isUpper(requantizer) && !clamped; // 0 may take the way of all others
  return ['bpl 1f', `movs ${to}, #0`, ...(isShort ? ['1:', ...scaled] : ['b 2f', '1:', ...scaled, '2:'])];
}

/** Words of sums in low registers. The fourth waits in one that only MOV and ADD reach, until the first is done. */
export const LOW_SUMS = 3;
const thumbSum = (n: number): string => `%[sum${int((n >> 1) % LOW_SUMS)}]`;

/** The sum itself, or the rounded sum in the upper half of a register. What a lower half borrowed is given back. */
function thumbTake({ layer, requantizer, constantTime }: Store, n: number): { to: string; take: string[] } {
  const sum = thumbSum(n);
  const upper = isUpper(requantizer);
  if (n % 2 === 1)
    return { to: sum, take: [upper ? `adds ${sum}, ${sum}, ${WORD}` : `asrs ${sum}, ${sum}, #16`] };
  const fetch = n >> 1 === LOW_SUMS ? [`mov ${sum}, %[sum${int(LOW_SUMS)}]`] : [];
  if (upper)
    return { to: VALUE, take: [...fetch, `lsls ${VALUE}, ${sum}, #16`, `adds ${VALUE}, ${VALUE}, ${WORD}`] };
  const giveBack = n + 1 < layer.outputs ? [`subs ${sum}, ${sum}, ${VALUE}`] : [];
  const compare = requantizer && !constantTime ? [`cmp ${VALUE}, #0`] : [];
  return { to: VALUE, take: [...fetch, `sxth ${VALUE}, ${sum}`, ...giveBack, ...compare] };
}

export const THUMB: ResultsDialect = {
  joins: false,
  registers: { sum0: 'r4', sum1: 'r5', sum2: 'r6', sum3: 'r12' },
  spends: [],
  scratch: ({ requantizer, constantTime }) =>
    requantizer && (!isUpper(requantizer) || constantTime) ? ['value', 'other'] : ['value'],
  constraint: () => 'l',
  left: (size) => 7 - Math.min(size, LOW_SUMS), // one of the eight low ones may be the frame pointer
  rounds: (requantizer) => ({ held: isUpper(requantizer), behind: isUpper(requantizer) }),
  directives: ['.syntax unified'], // GCC takes Thumb-1 for the older syntax
  bytes: () => 2,
  start: ({ requantizer }, words) => {
    const beyond = 4 * words - THUMB_REACH;
    if (!isUpper(requantizer)) return [];
    return beyond > 0
      ? [`adds ${WORD}, #${int(beyond)}`, `ldr ${WORD}, [${WORD}, #${int(THUMB_REACH)}]`]
      : [`ldr ${WORD}, [${WORD}, #${int(4 * words)}]`];
  },
  output: (store, n) => {
    const { layer, requantizer, isTableFar } = store;
    const { to, take } = thumbTake(store, n);
    if (!requantizer) return [...take, `str ${to}, [%[y], #${int(4 * n)}]`];
    const far = [`ldr ${OTHER}, %[table]`, `ldrb ${to}, [${OTHER}, ${to}]`];
    const look = layer.table ? (isTableFar ? far : [`ldrb ${to}, [%[table], ${to}]`]) : [];
    return [...take, ...thumbActivate(to, n, store), ...look, `strb ${to}, [%[y], #${int(n)}]`];
  },
};
