import { t } from '../model/messages.js';
import type { EpochProgress } from '../trainer/history.js';
import { grouped } from './text-table.js';

/** What is said of a training under way. */
export interface ProgressText {
  /** For a log: the epoch, its cost, its accuracy. */
  readonly text: string;
  /** For a terminal: also the time left and the rate, parted by two blanks, what matters most first. */
  readonly live: string;
  /** The costs so far, thinned out. */
  readonly course: readonly number[];
}

/** So many costs are kept at most; from then on every second one is forgotten. */
const MOST_KEPT = 256;

function duration(seconds: number): string {
  if (seconds < 99.5) return `${Math.ceil(seconds)} s`;
  if (seconds < 5970) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Short, so that a terminal of 80 columns has room for the curve, too. */
function rate(perSecond: number): string {
  if (perSecond < 99_999.5) return grouped(perSecond);
  return perSecond < 999_500 ? `${Math.round(perSecond / 1e3)} k` : `${(perSecond / 1e6).toFixed(1)} M`;
}

/** `rows` of an epoch; `resumed` epochs were done by an earlier run. `now`: milliseconds. */
export function progressTeller(
  epochs: number,
  rows: number,
  resumed: number,
  now: () => number = () => performance.now(),
): (progress: EpochProgress) => () => ProgressText {
  const begin = now();
  let course: number[] = [];
  let stride = 1;
  return ({ epoch, loss, accuracy, validation }) => {
    if (epoch % stride === 0) course.push(loss);
    if (course.length > MOST_KEPT) {
      course = course.filter((_, k) => k % 2 === 1);
      stride *= 2;
    }
    return () => {
      const seconds = (now() - begin) / 1000;
      const done = epoch - resumed;
      const right = accuracy === null ? [] : [t`accuracy ${(100 * accuracy).toFixed(1)} %`];
      const held = validation ? [t`validation loss ${validation.loss.toFixed(4)}`] : [];
      const text = [t`epoch ${epoch} of ${epochs}`, t`loss ${loss.toFixed(4)}`, ...right, ...held].join('  ');
      const live = [
        t`epoch ${epoch}/${epochs}`,
        validation
          ? t`loss ${loss.toFixed(4)} (held out ${validation.loss.toFixed(4)})`
          : t`loss ${loss.toFixed(4)}`,
        ...(accuracy === null ? [] : [t`${(100 * accuracy).toFixed(1)} % right`]),
        t`${duration(((epochs - epoch) * seconds) / Math.max(done, 1))} left`,
        t`${rate((rows * done) / Math.max(seconds, 1e-3))} rows/s`,
      ].join('  ');
      return { text, live, course };
    };
  };
}
