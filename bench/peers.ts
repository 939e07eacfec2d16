import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { PACKAGE_ROOT } from '../model/package-root.js';
import type { Shape, Workload, WorkloadName } from './workloads.js';

/** Who is measured, how each is started, and how many times as fast as it we promise to be. */

/** One training: `epochs` over the first `rows` rows. */
export interface Job {
  readonly name: WorkloadName;
  readonly workload: Workload;
  readonly shape: Shape;
  /** Path of the exported data without its ending. */
  readonly prefix: string;
  readonly rows: number;
  readonly epochs: number;
  /** What OpenMP and OpenBLAS may use. */
  readonly threads: number;
}

export interface Trainer {
  readonly name: string;
  readonly command: (job: Job) => readonly string[];
  /** Our speed ÷ theirs, by workload; null where nothing is promised. */
  readonly targets: Readonly<Record<WorkloadName, number>> | null;
  /** Numeric libraries that spread over cores lose by it on small nets: each gets its better number of threads. */
  readonly isThreaded: boolean;
  /** How it differs from the others' task. */
  readonly note: string | null;
}

/** What one training says of itself. */
export interface Run {
  readonly seconds: number;
  /** Of an epoch that nothing disturbed; ours alone says it. */
  readonly epochSeconds?: number;
  /** Peak resident memory of its process, in KiB. */
  readonly memory: number;
  readonly version?: string;
}

const PEERS = path.join(PACKAGE_ROOT, 'bench', 'peers');
/** Where bench/setup.mjs puts the compiled program. */
const FANN = path.join(PACKAGE_ROOT, 'node_modules', '.cache', 'bench', 'fann');
const EXIT_NOT_INSTALLED = 3;

const ours = (name: string, kind: string, arithmetic: string, note: string | null): Trainer => ({
  name,
  command: (job) => [
    process.execPath,
    path.join(import.meta.dirname, 'trainer.js'),
    ...[kind, arithmetic, job.name, job.rows, job.epochs].map(String),
  ],
  targets: null,
  isThreaded: false,
  note,
});

const shapeWords = ({ prefix, rows, epochs, shape, workload }: Job): string[] =>
  [prefix, rows, shape.features, shape.classes, epochs, workload.batch, ...workload.hidden].map(String);

const python = (module: string): Pick<Trainer, 'command' | 'isThreaded'> => ({
  command: (job) => ['/usr/bin/python3', path.join(PEERS, 'python.py'), module, ...shapeWords(job)],
  isThreaded: true,
});

const script = (file: string): Pick<Trainer, 'command' | 'isThreaded'> => ({
  command: (job) => [process.execPath, path.join(PEERS, file), ...shapeWords(job)],
  isThreaded: false,
});

const fann: Trainer['command'] = ({ prefix, rows, epochs, shape, workload }) => [
  FANN,
  `${prefix}.x`,
  `${prefix}.y`,
  ...[rows, shape.features, shape.classes, epochs, ...workload.hidden].map(String),
];

const targets = (iris: number, digits: number, mnist: number, wide: number, deep: number) => {
  return { iris, digits, mnist, wide, deep };
};
const SMALL_LIBRARIES = targets(4, 8, 15, 10, 10);

/** What the others are compared with. */
export const OURS = ours('Neurona', 'engine', 'float', null);
/** Runs all of the work too. */
export const FIXED_POINT = ours(
  'Neurona, fixed point',
  'engine',
  'fixed',
  'trained through the integers of the board; the time of its least disturbed epochs ÷ that of the same in floating point',
);

/** Its time per epoch ÷ that of floating point. */
export const MOST_FIXED_POINT_COST = 1.5;

/** Who may run a share of the work. */
export const OTHERS: readonly Trainer[] = [
  { name: 'scikit-learn', ...python('sklearn'), targets: targets(80, 10, 3.5, 5.5, 2), note: null },
  {
    name: 'PyTorch',
    ...python('torch'),
    targets: targets(150, 15, 4.5, 4.5, 1.8),
    note: 'eager mode, fused Adam where there is one for the CPU (from 2.4 on)',
  },
  {
    name: 'JAX',
    ...python('jax'),
    targets: null,
    note: '`jit` around a `scan` over the batches, compiled before the clock starts',
  },
  {
    name: 'NumPy',
    ...python('numpy'),
    targets: targets(30, 3.8, 2, 2.5, 1.3),
    note: 'with OpenBLAS, in f32',
  },
  {
    name: 'TensorFlow.js',
    ...script('tensorflow.mjs'),
    targets: SMALL_LIBRARIES,
    note: 'WebAssembly backend with SIMD; in Node it has no threads',
  },
  {
    name: 'brain.js',
    ...script('brain.mjs'),
    targets: SMALL_LIBRARIES,
    note: 'one row per update, as it has no mini-batches, by gradient descent with momentum; leaky ReLU',
  },
  {
    name: 'FANN',
    command: fann,
    isThreaded: false,
    targets: SMALL_LIBRARIES,
    note: "Debian's; one row per update (its incremental training), as it has neither Adam nor mini-batches; piecewise-linear sigmoids",
  },
  ours('Neurona, reference', 'reference', 'float', 'the readable float64 twin of the engine'),
];

/** Runs one training in a process of its own; null where the peer is not installed. Throws where it fails. */
export function run(trainer: Trainer, job: Job): (Run & { readonly processSeconds: number }) | null {
  const [program, ...words] = trainer.command(job);
  const threads = String(job.threads);
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads },
  });
  const processSeconds = (performance.now() - start) / 1000;
  if (status === EXIT_NOT_INSTALLED) return null;
  if (status !== 0) throw new Error(`${trainer.name} failed on ${job.name}:\n${stderr}`);
  return { ...(JSON.parse(stdout) as Run), processSeconds };
}
