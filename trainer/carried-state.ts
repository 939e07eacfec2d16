import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import type { Random } from '../model/random.js';

/** The kinds of array a state may hold, by the names they have in a checkpoint. */
export const STATE_ARRAYS = { f64: Float64Array, f32: Float32Array, u32: Uint32Array } as const;
export type StateArray = Float64Array | Float32Array | Uint32Array;

/** Copies of the arrays of a state, by name. */
export type SavedState = Readonly<Record<string, StateArray>>;

/** Makes an array part of the state and returns it; whoever owns it goes on using it as it is. */
export type Keep = <T extends StateArray>(name: string, array: T) => T;

/** Everything a training carries from one epoch to the next, as live arrays: what is not among them is lost on resuming. */
export interface CarriedState {
  readonly keep: Keep;
  readonly save: () => SavedState;
  /** Overwrites the arrays. Throws a `Problem` (`wrong-state`) where they are not those of `saved`. */
  readonly restore: (saved: SavedState) => void;
}

/** Names of one part of a training, apart from those of its other parts. */
export const within =
  (part: string, keep: Keep): Keep =>
  (name, array) =>
    keep(`${part}, ${name}`, array);

export const rejectState = (message: string): never =>
  rejectData('wrong-state', message, { hint: t`the checkpoint cannot be continued; train from the start` });

export function createState(): CarriedState {
  const arrays = new Map<string, StateArray>();
  return {
    keep: (name, array) => {
      if (arrays.has(name)) throw new Error(`two arrays of the state are named "${name}"`);
      arrays.set(name, array);
      return array;
    },
    save: () => Object.fromEntries([...arrays].map(([name, array]) => [name, array.slice()])),
    restore: (saved) => {
      for (const name of Object.keys(saved)) {
        if (!arrays.has(name)) rejectState(t`the state has "${name}", which this training does not use`);
      }
      for (const [name, array] of arrays) {
        const from = Object.hasOwn(saved, name) ? saved[name] : undefined;
        if (from?.constructor !== array.constructor || from.length !== array.length) {
          const found = from ? t`${from.length} of ${from.constructor.name}` : t`nothing`;
          rejectState(
            t`the state has ${found} as "${name}"; expected ${array.length} of ${array.constructor.name}`,
          );
        } else array.set(from);
      }
    },
  };
}

/** Throws a `Problem` for what would send the epochs to come astray, or round in circles for ever. */
export function checkRestored({ state }: Random, order: Uint32Array): void {
  const isSeen = new Uint8Array(order.length);
  for (const row of order) if (row < order.length) isSeen[row] = 1;
  if (isSeen.includes(0)) rejectState(t`the order of the rows does not hold every row once`);
  if (state.words.every((word) => word === 0)) rejectState(t`the random numbers are all 0`);
}
