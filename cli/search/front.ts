import type { Figures } from './figures.js';

/** What a trial is judged by. */
export interface Judged {
  readonly figures: Figures;
  /** The more the better. */
  readonly score: number;
}

/** What costs something on a board, the less the better; what is not known weighs nothing. */
const costs = ({ flashBytes, ramBytes, worstMicroseconds }: Figures): number[] => [
  flashBytes,
  ramBytes,
  worstMicroseconds ?? 0,
];

/** Whether `one` is nowhere worse than `other`, and somewhere better. */
export function dominates(one: Judged, other: Judged): boolean {
  const mine = [-one.score, ...costs(one.figures)];
  const theirs = [-other.score, ...costs(other.figures)];
  return mine.every((value, k) => value <= theirs[k]) && mine.some((value, k) => value < theirs[k]);
}

/** Those that no other dominates, in their order. */
export const frontOf = <T extends Judged>(trials: readonly T[]): T[] =>
  trials.filter((trial) => !trials.some((other) => dominates(other, trial)));

/** Best first: by score, and of equal scores by flash, RAM and time. The first is never dominated. */
export const ranked = <T extends Judged>(trials: readonly T[]): T[] =>
  [...trials].sort((a, b) => {
    const [mine, theirs] = [costs(a.figures), costs(b.figures)];
    const differing = mine.findIndex((value, k) => value !== theirs[k]);
    return b.score - a.score || (differing < 0 ? 0 : mine[differing] - theirs[differing]);
  });

/** Those that are worth another part of the data: the better half, and whoever is not dominated. */
export function survivors<T extends Judged>(trials: readonly T[]): T[] {
  const kept = new Set([...ranked(trials).slice(0, Math.ceil(trials.length / 2)), ...frontOf(trials)]);
  return trials.filter((trial) => kept.has(trial));
}
