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

export const SCHEDULES = {
  constant: () => 1,
  /** Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts. */
  cosine: halfCosine,
  /** Smith and Topin, "Super-convergence", 2018: up along a line, then down along half a cosine. */
  'one-cycle': (t) =>
    t < WARM_UP ? FIRST_RATE + (1 - FIRST_RATE) * (t / WARM_UP) : halfCosine((t - WARM_UP) / (1 - WARM_UP)),
} as const satisfies Record<string, Schedule>;

export type ScheduleName = keyof typeof SCHEDULES;
