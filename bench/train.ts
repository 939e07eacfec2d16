import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { FIXED_POINT, type Job, OTHERS, OURS, run, type Run, type Trainer } from './peers.js';
import { median } from './tables.js';
import { type Result, trainReport } from './train-report.js';
import { exportData, loadData, WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from './workloads.js';

/**
 * `npm run bench:train [-- --quick NAME...]`: training speed beside other trainers. All get the same rows, net, batch and
 * epochs, in processes of their own that take turns; ratios are of two runs right after one another, and their median counts.
 * What integers cost is of the least disturbed epochs. Names choose workloads and trainers. Loading, setting up and warming
 * up are off the clock. Who would take long trains on a share of the work.
 */

const isQuick = process.argv.includes('--quick');
/** Those that are named, or else all. */
function chosen<T>(all: readonly T[], nameOf: (one: T) => string): readonly T[] {
  const named = all.filter((one) => process.argv.includes(nameOf(one)));
  return named.length > 0 ? named : all;
}
const names = chosen(WORKLOAD_NAMES, (name) => name);
const compared = chosen([...OTHERS, FIXED_POINT], ({ name }) => name);
const ROUNDS = isQuick ? 1 : 7;
/** What a peer's part of the work should take, in seconds. */
const BUDGET = isQuick ? 0.3 : 2;
const PROBE_ROWS = 1024;
const CORES = availableParallelism();
const [load] = loadavg();
/** Epochs of the whole process that is timed on iris: what `neurona train` does with it. */
const PROCESS_EPOCHS = 100;

/** By trainer's name. */
const versions = new Map<string, string>();

const samplesPerSecond = ({ rows, epochs }: Job, { seconds }: Run): number => (rows * epochs) / seconds;

/** The part of the work that fits the budget, on the better number of threads; null where it is not installed. */
function plan(trainer: Trainer, whole: Job): Job | null {
  const probes: { readonly threads: number; readonly speed: number }[] = [];
  for (const threads of trainer.isThreaded ? [1, CORES] : [CORES]) {
    const job = { ...whole, rows: Math.min(whole.rows, PROBE_ROWS), epochs: 1, threads };
    const probe = run(trainer, job);
    if (!probe) return null;
    versions.set(trainer.name, probe.version ?? '');
    probes.push({ threads, speed: samplesPerSecond(job, probe) });
  }
  const { threads, speed } = probes.reduce((a, b) => (b.speed > a.speed ? b : a));
  const samples = speed * BUDGET;
  const { batch } = whole.workload;
  if (samples >= whole.rows) {
    return { ...whole, epochs: Math.min(whole.epochs, Math.round(samples / whole.rows)), threads };
  }
  const batches = Math.max(1, Math.floor(samples / batch));
  return { ...whole, rows: Math.min(whole.rows, batches * batch), epochs: 1, threads };
}

function measure(name: WorkloadName, whole: Job): Map<string, Result> {
  const jobs = compared.map((trainer) => {
    return { trainer, job: trainer === FIXED_POINT ? whole : plan(trainer, whole) };
  });
  const runs = new Map<string, { ratio: number; speed: number; memory: number }[]>();
  const note = (trainer: Trainer, ratio: number, speed: number, memory: number): void => {
    runs.set(trainer.name, [...(runs.get(trainer.name) ?? []), { ratio, speed, memory }]);
  };
  /** Seconds of an undisturbed epoch, of each turn. */
  const through = { integers: [] as number[], floats: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const { trainer, job } of jobs) {
      if (!job) continue;
      // Each against a run of ours right before it: the machine's own speed drifts, by the second at times.
      const own = run(OURS, whole)!;
      const ownSpeed = samplesPerSecond(whole, own);
      note(OURS, 1, ownSpeed, own.memory);
      const theirs = run(trainer, job);
      if (!theirs) continue;
      const speed = samplesPerSecond(job, theirs);
      note(trainer, ownSpeed / speed, speed, theirs.memory);
      if (trainer !== FIXED_POINT) continue;
      through.integers.push(theirs.epochSeconds!);
      through.floats.push(own.epochSeconds!);
    }
    process.stderr.write(`${name}: round ${round + 1} of ${ROUNDS}\n`);
  }
  const shares = new Map(jobs.map(({ trainer, job }) => [trainer.name, job ? job.rows * job.epochs : 0]));
  const work = whole.rows * whole.epochs;
  const cost = Math.min(...through.integers) / Math.min(...through.floats);
  return new Map(
    [...runs].map(([trainer, list]) => [
      trainer,
      {
        ratio: trainer === FIXED_POINT.name ? cost : median(list.map(({ ratio }) => ratio)),
        speed: median(list.map(({ speed }) => speed)),
        memory: median(list.map(({ memory }) => memory)),
        share: (shares.get(trainer) ?? work) / work,
      },
    ]),
  );
}

/** Seconds from the start of a process to its end, trained on iris for PROCESS_EPOCHS. */
function wholeProcess(folder: string, iris: Job): Map<string, number> {
  const seconds = new Map<string, number[]>();
  const network = path.join(folder, 'network.json');
  const command = ['dist/cli/main.js', 'train', 'examples/iris/iris.csv', '-o', network, '--hidden', '8'];
  const options = [
    '--optimizer',
    'adam',
    '--schedule',
    'constant',
    '--learning-rate',
    '0.001',
    '--test-split',
    '0',
  ];
  const words = [...command, '--epochs', String(PROCESS_EPOCHS), '--batch', '16', ...options];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, words, { cwd: PACKAGE_ROOT, encoding: 'utf8' });
    if (status !== 0) throw new Error(`neurona train failed:\n${stderr}`);
    seconds.set(OURS.name, [...(seconds.get(OURS.name) ?? []), (performance.now() - start) / 1000]);
    for (const trainer of compared.filter(({ name }) => !name.startsWith(OURS.name))) {
      const theirs = run(trainer, { ...iris, epochs: PROCESS_EPOCHS });
      if (theirs) seconds.set(trainer.name, [...(seconds.get(trainer.name) ?? []), theirs.processSeconds]);
    }
  }
  return new Map([...seconds].map(([name, list]) => [name, median(list)]));
}

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-bench-'));
try {
  const results = new Map<WorkloadName, Map<string, Result>>();
  let processes = new Map<string, number>();
  for (const name of names) {
    const workload = WORKLOADS[name];
    const prefix = path.join(folder, workload.data);
    const shape = exportData(await loadData(workload.data), prefix);
    const whole = {
      name,
      workload,
      shape,
      prefix,
      rows: shape.rows,
      epochs: workload.epochs,
      threads: CORES,
    };
    results.set(name, measure(name, whole));
    if (name === 'iris') processes = wholeProcess(folder, whole);
  }
  console.log(
    trainReport({
      compared,
      rounds: ROUNDS,
      load,
      results,
      processes,
      processEpochs: PROCESS_EPOCHS,
      versions,
    }),
  );
} finally {
  rmSync(folder, { recursive: true });
}
