import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadDataset } from '../dist/dataset/load.js';
import { PACKAGE_ROOT } from '../dist/model/package-root.js';
import { createRandom } from '../dist/model/random.js';

/** The nets and data of the training benchmark: every trainer gets the same rows, batch, optimiser and epochs. */

const MNIST = path.join(PACKAGE_ROOT, '..', 'shared', 'data', 'mnist', 'train-images-idx3-ubyte.gz');

/** Gaussian clusters, one per class. */
function clusters(rows, features, classes, seed) {
  const random = createRandom(seed);
  const centre = Float64Array.from({ length: classes * features }, () => random.normal());
  const labels = Uint16Array.from({ length: rows }, () => random.below(classes));
  const values = new Float64Array(rows * features);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < features; i++) {
      values[r * features + i] = centre[labels[r] * features + i] + random.normal();
    }
  }
  return { values, labels };
}

/** Pixels of which the given share is black. */
function images(rows, features, black, seed) {
  const random = createRandom(seed);
  const labels = Uint16Array.from({ length: rows }, () => random.below(10));
  const pixel = () => (random.uniform() < black ? 0 : 1 + random.below(255));
  return { values: Uint8Array.from({ length: rows * features }, pixel), labels };
}

function dataset(name, features, classes, { values, labels }) {
  return {
    name,
    features: Array.from({ length: features }, (_, i) => `x${i + 1}`),
    classes: Array.from({ length: classes }, (_, k) => `c${k}`),
    rows: labels.length,
    values,
    labels,
    decimals: values instanceof Uint8Array ? [0] : Array.from({ length: features }, () => 6),
    image: values instanceof Uint8Array ? { width: features, height: 1 } : null,
    sha256: '0'.repeat(64),
  };
}

const iris = () => loadDataset([path.join(PACKAGE_ROOT, 'examples/iris/iris.csv')], {});
const digits = async () => dataset('digits', 64, 10, images(1797, 64, 0.49, 1)); // load_digits has 49 % zeros
const mnist = async () =>
  existsSync(MNIST) ? loadDataset([MNIST], {}) : dataset('mnist', 784, 10, images(60_000, 784, 0.81, 1));
const wide = async () => dataset('wide', 16, 4, clusters(1_000_000, 16, 4, 1));

export const WORKLOADS = {
  iris: { load: iris, hidden: [8], batch: 16, epochs: 4000 },
  digits: { load: digits, hidden: [32], batch: 32, epochs: 200 },
  mnist: { load: mnist, hidden: [32], batch: 64, epochs: 6 },
  wide: { load: wide, hidden: [32, 16], batch: 256, epochs: 3 },
  'mnist-deep': { load: mnist, hidden: [128, 64], batch: 64, epochs: 3 },
};
