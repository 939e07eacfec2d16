import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Dataset } from '../dataset/dataset.js';
import { loadDataset } from '../dataset/load.js';
import { selectRows } from '../dataset/split.js';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { createRandom } from '../model/random.js';
import { accuracy, SCHEMES, type Scheme } from './accuracy-figures.js';

/**
 * `npm run bench:accuracy [-- DATA…]`: accuracy after quantisation, in percent, as accuracy-figures.ts defines it.
 * Wine, breast cancer and digits come from Python's scikit-learn, MNIST from ../shared/data; what is missing is left
 * out, and said so.
 */

const MNIST = path.join(PACKAGE_ROOT, '..', 'shared', 'data', 'mnist', 'train-images-idx3-ubyte.gz');
const MNIST_ROWS = 10_000;

/** A data set of scikit-learn's as CSV, the class in the last column. */
const EXPORT = `
import csv, sys, sklearn.datasets
data = getattr(sklearn.datasets, 'load_' + sys.argv[1])()
rows = csv.writer(sys.stdout, lineterminator='\\n')
rows.writerow([f'x{i + 1}' for i in range(data.data.shape[1])] + ['class'])
for x, y in zip(data.data, data.target):
    rows.writerow([int(v) if v == int(v) else repr(float(v)) for v in x] + ['c' + str(y)])
`;

async function fromPython(name: string): Promise<Dataset> {
  const text = execFileSync('/usr/bin/python3', ['-c', EXPORT, name], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-accuracy-'));
  const file = path.join(folder, `${name}.csv`);
  writeFileSync(file, text);
  const data = await loadDataset([file], {});
  rmSync(folder, { recursive: true });
  return data;
}

async function mnist(): Promise<Dataset> {
  if (!existsSync(MNIST)) throw new Error(`there is no ${MNIST}`);
  return loadDataset([MNIST], {});
}

async function mnistPart(): Promise<Dataset> {
  const all = await mnist();
  const order = Uint32Array.from({ length: all.rows }, (_, r) => r);
  createRandom(1).shuffle(order);
  return selectRows(all, order.subarray(0, MNIST_ROWS));
}

const DATA: Readonly<Record<string, () => Promise<Dataset>>> = {
  iris: () => loadDataset([path.join(PACKAGE_ROOT, 'examples/iris/iris.csv')], {}),
  wine: () => fromPython('wine'),
  'breast cancer': () => fromPython('breast_cancer'),
  digits: () => fromPython('digits'),
  'MNIST, 10,000': mnistPart,
  MNIST: mnist,
};
/** Schemes of data that take long to train on; elsewhere all. */
const FEW: Readonly<Record<string, readonly Scheme[]>> = {
  MNIST: ['floating point', 'default', 'w8 a7, 16-bit sums'],
};

const asked = process.argv.slice(2);
const schemes = Object.keys(SCHEMES) as Scheme[];
console.log(''.padEnd(14) + schemes.map((scheme) => scheme.padStart(scheme.length + 2)).join(''));
for (const [name, load] of Object.entries(DATA)) {
  if (asked.length > 0 && !asked.some((word) => name.startsWith(word))) continue;
  process.stdout.write(name.padEnd(14));
  try {
    const data = await load();
    for (const scheme of schemes) {
      const isLeftOut = FEW[name] !== undefined && !FEW[name].includes(scheme);
      const text = isLeftOut ? '–' : (100 * accuracy(data, scheme)).toFixed(2);
      process.stdout.write(text.padStart(scheme.length + 2));
    }
    process.stdout.write('\n');
  } catch (error) {
    console.log(`  left out: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}
