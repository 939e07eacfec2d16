import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integerPredictions, shareEqual } from '../../cli/predictions.js';
import { quantize } from '../../codegen/quantize.js';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset } from '../../dataset/load.js';
import { resizeOf } from '../../dataset/resize.js';
import { selectRows } from '../../dataset/split.js';
import { buildFirmware } from '../../harness/build.js';
import { verifyFirmware } from '../../harness/verify.js';
import { readNetworkFile } from '../../model/network-file.js';
import { networkFileText } from '../../model/network-text.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { rawFeatures } from '../../model/raw-features.js';
import { resolveOptions } from '../../trainer/options.js';
import { train } from '../../trainer/train.js';
import { makeFirmware } from '../support/firmware.js';

/** MNIST at 16 × 16 in 4 bits, 256-64-64-64-10. Reads ../shared/data/mnist, which lies beside every checkout. */

const DATA = path.join(PACKAGE_ROOT, '..', 'shared', 'data', 'mnist');
const EXAMPLE = path.join(PACKAGE_ROOT, 'examples', 'mnist');
const SIZES = { crop: { height: 24, width: 24 }, resize: { height: 16, width: 16 } };
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-sixteen-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  expect(existsSync(DATA), `this test needs the MNIST files in ${DATA}`).toBe(true);
});

describe('a short training on changed images', () => {
  const options = (data: Dataset, epochs: number) =>
    resolveOptions(
      {
        hidden: [64, 64, 64],
        optimizer: 'muon',
        learningRate: 0.007,
        batch: 256,
        epochs,
        precision: { weightBits: 4, activationBits: 8, accumulator: 'auto' },
        augment: { rotate: 10, scale: 0.1, shift: 1, shear: 0.1 },
      },
      data,
    );

  it(
    'decides 97 % of the test images in integers, and gives the same bytes again',
    { timeout: 300_000 },
    async () => {
      const data = await loadDataset([path.join(DATA, 'train-images-idx3-ubyte.gz')], SIZES);
      const { network } = train(data, options(data, 2));
      const { features, classes } = data;
      const reference = { features, classes, resize: resizeOf(data) };
      const test = await loadDataset([path.join(DATA, 't10k-images-idx3-ubyte.gz')], { reference });
      const found = integerPredictions(quantize(network).model, test);
      expect(shareEqual(found, test.labels)).toBeGreaterThanOrEqual(0.97);
      const few = selectRows(
        data,
        Uint32Array.from({ length: 3000 }, (_, r) => 20 * r),
      );
      const bytes = () => networkFileText(train(few, options(few, 2)).network).text;
      expect(bytes()).toBe(bytes());
    },
  );
});

describe('examples/mnist', () => {
  it('shows and runs the commands of its README, which made its network', { timeout: 120_000 }, () => {
    // The test images in place of the training images, and one epoch of 180: nine minutes less.
    for (const kind of ['images-idx3', 'labels-idx1'])
      for (const part of ['train', 't10k'])
        copyFileSync(path.join(DATA, `t10k-${kind}-ubyte.gz`), path.join(folder, `${part}-${kind}-ubyte.gz`));
    const script = path.join(EXAMPLE, 'train.mjs');
    const text = execFileSync(process.execPath, [script, folder, folder, '1'], { encoding: 'utf8' });
    const typed = text.match(/^\$ .*$/gm)!.map((line) => line.slice(2).replaceAll(`${folder}/`, ''));
    const [, shown] = /```text\n([^]*?)```/.exec(readFileSync(path.join(EXAMPLE, 'README.md'), 'utf8'))!;
    expect(typed.map((line) => line.replace('--epochs 1 ', '--epochs 180 '))).toEqual(
      shown.trim().replaceAll(' \\\n ', '').split('\n'),
    );
    const options = (directory: string): object => ({
      ...(readNetworkFile(path.join(directory, 'network.json')).network.training.options as object),
      epochs: 180,
    });
    expect(options(folder)).toEqual(options(EXAMPLE));
  });
});

describe('the network of examples/mnist', () => {
  const { network } = readNetworkFile(path.join(EXAMPLE, 'network.json'));
  const { model } = quantize(network);
  const { features, resize } = model.input;
  let images: Dataset;
  let raw: Int32Array;
  beforeAll(async () => {
    const reference = { features, classes: model.classes, resize };
    images = await loadDataset([path.join(DATA, 't10k-images-idx3-ubyte.gz')], { reference });
    raw = rawFeatures(images.values, features.length, model.input);
  });

  it(
    'decides 99.13 % of the 10,000 test images in integers, all equal on the host build',
    { timeout: 120_000 },
    async () => {
      expect(shareEqual(integerPredictions(model, images), images.labels)).toBe(0.9913);
      const { directory, hash } = makeFirmware(folder, 'host', model, 'host', 'c');
      const result = await verifyFirmware(directory, 'host', model, hash, raw, images.labels);
      expect(result).toMatchObject({ rows: 10_000, mismatches: 0, stoppedBy: null });
      expect(result.accuracy).toBe(0.9913);
    },
  );

  it(
    'takes at most 16 KiB of an Uno’s flash and 12 ms, and 200 images are equal on the simulator',
    { timeout: 240_000 },
    async () => {
      const { directory, hash } = makeFirmware(folder, 'uno', model, 'uno', 'sketch');
      const built = await buildFirmware(directory, { toolchain: 'avr-gcc' });
      expect(built.fits).toBe(true);
      expect(built.flashBytes).toBeLessThanOrEqual(16_384);
      const some = raw.subarray(0, 200 * features.length);
      const result = await verifyFirmware(directory, 'simulator', model, hash, some, images.labels, {
        toolchain: 'avr-gcc',
      });
      expect(result).toMatchObject({ rows: 200, mismatches: 0, stoppedBy: null });
      expect(result.cycles!.max).toBeLessThanOrEqual(190_000);
    },
  );
});
