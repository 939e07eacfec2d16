/** The learning rate's share of its peak, by progress 0..1 through the training. */
export type Schedule = (progress: number) => number;

/** sin x = x · (1 − x²/3! + x⁴/5! − …), to 1e-15 for |x| <= π/2; `Math.sin` differs between engines. */
function sine(x: number): number {
  const x2 = x * x;
  let sum = 1;
  for (let n = 20; n >= 2; n -= 2) sum = 1 - (x2 / (n * (n + 1))) * sum;
  return x * sum;
}

/** From 1 down to 0 along half a cosine: (1 + cos πt) / 2. */
const halfCosine = (t: number): number => (1 - sine(Math.PI * (t - 0.5))) / 2;

const WARM_UP = 0.25;
const FIRST_RATE = 0.1;

const STEP_FACTOR = 0.1;

export const SCHEDULES = {
  constant: () => 1,
  /** He et al., "Deep residual learning", CVPR 2016: a tenth from half of the training on, a hundredth from 3/4. */
  step: (t) => (t < 0.5 ? 1 : t < 0.75 ? STEP_FACTOR : STEP_FACTOR * STEP_FACTOR),
  /** Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts. */
  cosine: halfCosine,
  /** Smith and Topin, "Super-convergence", 2018: up along a line, then down along half a cosine. */
  'one-cycle': (t) =>
    t < WARM_UP ? FIRST_RATE + (1 - FIRST_RATE) * (t / WARM_UP) : halfCosine((t - WARM_UP) / (1 - WARM_UP)),
} as const satisfies Record<string, Schedule>;

export type ScheduleName = keyof typeof SCHEDULES;

/** Whether all updates after so many epochs have the same factor. */
export const isSettled = (name: ScheduleName, warmUp: number, done: number): boolean =>
  name === 'constant' && done >= warmUp;

/**
 * The factor of one update. `done`: epochs before it; `update`: its own length in epochs. The first `warmUp` of all
 * `epochs` rise along a line to where the schedule starts (Goyal et al., "Accurate, large minibatch SGD", 2017).
 */
export function rateFactor(
  schedule: Schedule,
  { epochs, warmUp }: { readonly epochs: number; readonly warmUp: number },
  done: number,
  update: number,
): number {
  if (done < warmUp) return schedule(0) * Math.min((done + update) / warmUp, 1);
  return schedule((done - warmUp) / (epochs - warmUp));
}
