import { existsSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset } from '../../dataset/load.js';
import { stratifiedSplit } from '../../dataset/split.js';
import { fit, integerAccuracy } from './helpers.js';

/** Black digits on white are learnt as well as white ones on black. Reads ../shared/data/mnist, beside every checkout. */

const IMAGES = path.join(import.meta.dirname, '../../../shared/data/mnist/t10k-images-idx3-ubyte.gz');

let digits: Dataset;

function accuracyOf(picture: (byte: number) => number): number {
  const values = (digits.values as Uint8Array).map(picture);
  const { train, test } = stratifiedSplit({ ...digits, values }, 0.4, 1);
  const { network } = fit(train, { hidden: [32], epochs: 8 });
  return integerAccuracy(network, test);
}

beforeAll(async () => {
  expect(existsSync(IMAGES), `this test needs the MNIST file ${IMAGES}`).toBe(true);
  digits = stratifiedSplit(await loadDataset([IMAGES], {}), 0.6, 1).train;
});

it('2400 digits teach as much in the same epochs, black on white or white on black', () => {
  const usual = accuracyOf((byte) => byte);
  expect(usual).toBeGreaterThan(0.9);
  expect(accuracyOf((byte) => 255 - byte)).toBeGreaterThan(usual - 0.01);
});
