import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Dataset } from '../dataset/dataset.js';
import { loadDataset } from '../dataset/load.js';
import { selectRows } from '../dataset/split.js';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { createRandom } from '../model/random.js';
import { standardizeRows } from '../trainer/samples.js';
import { learnScaling } from '../trainer/standardization.js';

/** The nets and data of the training benchmark: every trainer gets the same rows, batch and epochs. */

export type DataName = 'iris' | 'digits' | 'mnist' | 'wide';

export interface Workload {
  readonly data: DataName;
  readonly title: string;
  readonly hidden: readonly number[];
  readonly batch: number;
  readonly epochs: number;
}

/** Epochs are chosen so that our trainer takes about a second. */
export const WORKLOADS = {
  iris: { data: 'iris', title: 'iris 4-8-3', hidden: [8], batch: 16, epochs: 100_000 },
  digits: { data: 'digits', title: 'digits 64-32-10', hidden: [32], batch: 32, epochs: 1000 },
  mnist: { data: 'mnist', title: 'MNIST 784-32-10', hidden: [32], batch: 64, epochs: 10 },
  wide: { data: 'wide', title: '16-32-16-4, 1 M rows', hidden: [32, 16], batch: 256, epochs: 4 },
  deep: { data: 'mnist', title: 'MNIST 784-128-64-10', hidden: [128, 64], batch: 64, epochs: 3 },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;
export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

/** scikit-learn's copy of the UCI digits, as Debian installs it. */
const DIGITS = '/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz';
const MNIST = path.join(PACKAGE_ROOT, '..', 'shared', 'data', 'mnist');
const WIDE = { rows: 1_000_000, features: 16, classes: 4 };

/** MNIST is sorted by class; who trains on a share of the rows shall see all classes. */
function shuffled(data: Dataset): Dataset {
  const order = Uint32Array.from({ length: data.rows }, (_, r) => r);
  createRandom(1).shuffle(order);
  return selectRows(data, order);
}

async function fromFile(file: string, where: string): Promise<Dataset> {
  if (!existsSync(file)) throw new Error(`${file} is missing: ${where}`);
  return shuffled(await loadDataset([file], {}));
}

/** Gaussian clusters, one per class. */
function clusters(): Dataset {
  const { rows, features, classes } = WIDE;
  const random = createRandom(1);
  const centre = Float64Array.from({ length: classes * features }, () => random.normal());
  const labels = Uint16Array.from({ length: rows }, () => random.below(classes));
  const values = new Float64Array(rows * features);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < features; i++) {
      values[r * features + i] = centre[labels[r] * features + i] + random.normal();
    }
  }
  return {
    name: 'wide',
    features: Array.from({ length: features }, (_, i) => `x${i + 1}`),
    classes: Array.from({ length: classes }, (_, k) => `c${k}`),
    rows,
    values,
    labels,
    targets: null,
    decimals: Array.from({ length: features }, () => 6),
    image: null,
    sha256: '0'.repeat(64),
  };
}

/** `set` matters to MNIST alone, which has test images of its own. Throws where a file is missing. */
export async function loadData(name: DataName, set: 'train' | 't10k' = 'train'): Promise<Dataset> {
  switch (name) {
    case 'iris':
      return loadDataset([path.join(PACKAGE_ROOT, 'examples/iris/iris.csv')], {});
    case 'digits':
      return fromFile(DIGITS, "Debian's python3-sklearn has it");
    case 'mnist':
      return fromFile(path.join(MNIST, `${set}-images-idx3-ubyte.gz`), 'put the four files of MNIST there');
    case 'wide':
      return clusters();
  }
}

export interface Shape {
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
}

/** Writes PREFIX.x (f32, standardised, (rows, features)) and PREFIX.y (u16) for trainers in other languages. */
export function exportData(data: Dataset, prefix: string): Shape {
  const { rows, values, labels } = data;
  const features = data.features.length;
  const { scaling } = learnScaling(data, 7);
  const x = new Float32Array(rows * features);
  const row = new Float64Array(features);
  for (let r = 0; r < rows; r++) {
    standardizeRows(values, features, scaling, [r], row);
    x.set(row, r * features);
  }
  writeFileSync(`${prefix}.x`, x);
  writeFileSync(`${prefix}.y`, labels!);
  return { rows, features, classes: data.classes.length };
}
