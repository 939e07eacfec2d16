import type { Dataset } from '../dataset/dataset.js';
import { selectRows, stratifiedFolds } from '../dataset/split.js';
import { evaluateFloat } from '../trainer/evaluate.js';
import type { OptimizerName } from '../trainer/optimizers.js';
import { resolveOptions, type TrainOptions } from '../trainer/options.js';
import type { ScheduleName } from '../trainer/schedules.js';
import { train } from '../trainer/train.js';
import { markdownTable, short, whenAndWhere } from './tables.js';
import { loadData, type DataName } from './workloads.js';

/**
 * `npm run bench:defaults [-- DATA...]`: which options reach a given accuracy on rows they have not seen in the least time, and how
 * near to it the usual options come. A schedule is as long as the training, so every number of epochs is a training
 * of its own. Time is the processor's, so that a busy machine decides nothing.
 */

interface Task {
  readonly data: DataName;
  readonly title: string;
  readonly hidden: readonly number[];
  /** To be reached on average over seeds and parts, 0..1. */
  readonly accuracy: number;
  readonly seeds: number;
  readonly epochs: readonly number[];
  readonly batches: readonly number[];
}

/** Cross-validated in five parts; MNIST is tested on its own test images. */
const TASKS: readonly Task[] = [
  {
    data: 'iris',
    title: 'iris 4-8-3',
    hidden: [8],
    accuracy: 0.955,
    seeds: 8,
    epochs: [5, 10, 15, 20, 30, 40, 60, 80, 100, 150],
    batches: [8, 16, 32],
  },
  {
    data: 'digits',
    title: 'digits 64-32-10',
    hidden: [32],
    accuracy: 0.965,
    seeds: 2,
    epochs: [2, 3, 4, 5, 7, 10, 15, 20, 30],
    batches: [16, 32, 64],
  },
  {
    data: 'mnist',
    title: 'MNIST 784-32-10, 10,000 rows',
    hidden: [32],
    accuracy: 0.945,
    seeds: 2,
    epochs: [2, 3, 5, 7, 10, 15],
    batches: [32, 64],
  },
];
const FOLDS = 5;
const MNIST_ROWS = { train: 10_000, test: 4000 };

const RATES = {
  adam: [0.002, 0.005, 0.01, 0.02, 0.05],
  adamw: [0.002, 0.005, 0.01, 0.02, 0.05],
  sgd: [0.03, 0.1, 0.2],
  nesterov: [0.03, 0.1, 0.2],
  muon: [0.005, 0.02],
} as const satisfies Partial<Record<OptimizerName, readonly number[]>>;
const SCHEDULES: readonly ScheduleName[] = ['one-cycle', 'cosine', 'constant'];
/** What takes this many times as long as the best is not searched to its end. */
const TOO_SLOW = 10;

interface Part {
  readonly train: Dataset;
  readonly test: Dataset;
}

type Setting = Pick<TrainOptions, 'optimizer' | 'schedule' | 'learningRate' | 'batch'>;

interface Reached {
  readonly setting: Setting;
  readonly epochs: number;
  /** Of the processor, a training. */
  readonly seconds: number;
  readonly accuracy: number;
}

/** What is learnt from and tested with, by seed. */
async function partsOf({ data, seeds }: Task): Promise<(readonly Part[])[]> {
  const whole = await loadData(data);
  if (data !== 'mnist') return Array.from({ length: seeds }, (_, s) => stratifiedFolds(whole, FOLDS, s + 1));
  const first = (rows: number) => Uint32Array.from({ length: rows }, (_, r) => r);
  const test = selectRows(await loadData(data, 't10k'), first(MNIST_ROWS.test));
  const part = { train: selectRows(whole, first(MNIST_ROWS.train)), test };
  return Array.from({ length: seeds }, () => [part]);
}

/** The mean over seeds and parts; null where a training takes clearly more than `stopAt` seconds. */
function measure(
  task: Task,
  parts: readonly (readonly Part[])[],
  setting: Setting,
  epochs: number,
  stopAt: number,
): Reached | null {
  let seconds = 0;
  let right = 0;
  let count = 0;
  for (const [s, folds] of parts.entries()) {
    for (const part of folds) {
      const options = resolveOptions({ hidden: task.hidden, ...setting, epochs, seed: s + 1 }, part.train);
      const before = process.cpuUsage();
      const { network } = train(part.train, options);
      const { user, system } = process.cpuUsage(before);
      seconds += (user + system) / 1e6;
      right += evaluateFloat(network, part.test).accuracy;
      count++;
      if (seconds > 3 * stopAt && seconds / count > stopAt) return null;
    }
  }
  return { setting, epochs, seconds: seconds / count, accuracy: right / count };
}

/** The fewest epochs that reach the accuracy; null where none do, or not within `stopAt` seconds. */
function fewestEpochs(
  task: Task,
  parts: readonly (readonly Part[])[],
  setting: Setting,
  stopAt: number,
): Reached | null {
  for (const epochs of task.epochs) {
    const reached = measure(task, parts, setting, epochs, stopAt);
    if (!reached || reached.accuracy >= task.accuracy) return reached;
  }
  return null;
}

const faster = (a: Reached | null, b: Reached | null): Reached | null =>
  !a || (b && b.seconds < a.seconds) ? b : a;

const row = ({ setting, epochs, seconds }: Reached): string[] => [
  setting.optimizer,
  setting.schedule,
  String(setting.learningRate),
  String(setting.batch),
  String(epochs),
  `${short(1000 * seconds)} ms`,
];

const settings = (task: Task, optimizer: keyof typeof RATES, schedule: ScheduleName): Setting[] =>
  RATES[optimizer].flatMap((learningRate) =>
    task.batches.map((batch) => ({ optimizer, schedule, learningRate, batch })),
  );

async function compare(task: Task): Promise<string> {
  const parts = await partsOf(task);
  const usual = resolveOptions({ hidden: task.hidden }, parts[0][0].train);
  const { optimizer, schedule, learningRate, batch, epochs } = usual;
  const usualSetting = { optimizer, schedule, learningRate, batch };
  const whole = measure(task, parts, usualSetting, epochs, Infinity)!;
  const usualReached = fewestEpochs(task, parts, usualSetting, Infinity);
  let best: Reached | null = usualReached;
  const pairs: Reached[] = [];
  const missed: string[] = [];
  for (const optimizer of Object.keys(RATES) as (keyof typeof RATES)[]) {
    for (const schedule of SCHEDULES) {
      let bestOfPair: Reached | null = null;
      for (const setting of settings(task, optimizer, schedule)) {
        const enough = TOO_SLOW * (best?.seconds ?? Infinity);
        const isHopeless = !bestOfPair && !measure(task, parts, setting, task.epochs[0], enough);
        if (isHopeless) break;
        const stopAt = Math.min(bestOfPair?.seconds ?? Infinity, enough);
        bestOfPair = faster(bestOfPair, fewestEpochs(task, parts, setting, stopAt));
        best = faster(best, bestOfPair);
      }
      if (bestOfPair) pairs.push(bestOfPair);
      else missed.push(`${optimizer} ${schedule}`);
      process.stderr.write(`${task.title}: ${optimizer} ${schedule}\n`);
    }
  }
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `### ${task.title}: ${percent(task.accuracy)}`,
    markdownTable(
      ['optimiser', 'schedule', 'peak rate', 'batch', 'epochs', 'processor time'],
      [
        ...(usualReached ? [row(usualReached).map((cell) => `_${cell}_`)] : []),
        ...pairs.sort((a, b) => a.seconds - b.seconds).map(row),
      ],
    ),
    `The usual options${usualReached ? ', in italics,' : ' do not reach it in time; they'} take ${epochs} epochs by themselves: ` +
      `${percent(whole.accuracy)} in ${short(1000 * whole.seconds)} ms.` +
      (missed.length > 0 ? ` Not reached within ${TOO_SLOW} times the best time: ${missed.join(', ')}.` : ''),
  ].join('\n\n');
}

console.log(`\`npm run bench:defaults\` on ${whenAndWhere()}.`);
const wanted = process.argv.slice(2);
const tasks = TASKS.filter(({ data }) => wanted.length === 0 || wanted.includes(data));
for (const task of tasks) console.log(`\n${await compare(task)}`);
