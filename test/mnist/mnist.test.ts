import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quantize } from '../../codegen/quantize.js';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset } from '../../dataset/load.js';
import { buildFirmware } from '../../harness/build.js';
import { verifyFirmware } from '../../harness/verify.js';
import { findBoard } from '../../model/board.js';
import type { Network } from '../../model/network.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { rawFeatures } from '../../model/raw-features.js';
import { resolveOptions } from '../../trainer/options.js';
import { train } from '../../trainer/train.js';
import { makeFirmware } from '../support/firmware.js';

/** MNIST, 784-32-10, from the images to an Uno. Reads ../shared/data/mnist, which lies beside every checkout. */

const DATA = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'mnist');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-mnist-'));
afterAll(() => rmSync(folder, { recursive: true }));

let images: Dataset;
let network: Network;
let model: QuantizedModel;
let raw: Int32Array;

beforeAll(async () => {
  expect(existsSync(DATA), `this test needs the MNIST files in ${DATA}`).toBe(true);
  const data = await loadDataset([path.join(DATA, 'train-images-idx3-ubyte.gz')], {});
  images = await loadDataset([path.join(DATA, 't10k-images-idx3-ubyte.gz')], { reference: data });
  network = train(data, resolveOptions({ hidden: [32] }, data)).network;
  ({ model } = quantize(network));
  raw = rawFeatures(images.values, images.features.length, model.input);
}, 300_000);

test(
  'all 10,000 test images are equal on the host build, and at least 97 % are right',
  { timeout: 120_000 },
  async () => {
    const { directory, hash } = makeFirmware(folder, 'host', model, 'host', 'c');
    const result = await verifyFirmware(directory, 'host', model, hash, raw, images.labels);
    expect(result).toMatchObject({ rows: 10_000, mismatches: 0, stoppedBy: null });
    expect(result.accuracy).toBeGreaterThanOrEqual(0.97);
  },
);

test(
  'the sketch fits a real Uno, its stack included, and 100 images are equal on the simulator',
  { timeout: 120_000 },
  async () => {
    const { directory, hash } = makeFirmware(folder, 'uno', model, 'uno', 'sketch');
    const uno = findBoard('uno');
    for (const toolchain of ['arduino-core', 'avr-gcc'] as const) {
      const built = await buildFirmware(directory, { toolchain });
      expect(built.fits).toBe(true);
      expect(built.flashBytes).toBeLessThanOrEqual(uno.flashBytes!);
      const rows = toolchain === 'avr-gcc' ? 100 : 5;
      const result = await verifyFirmware(
        directory,
        'simulator',
        model,
        hash,
        raw.subarray(0, rows * 784),
        images.labels,
        { toolchain },
      );
      expect(result).toMatchObject({ rows, mismatches: 0, stoppedBy: null });
      expect(built.ramBytes + result.stackBytes!).toBeLessThanOrEqual(uno.ramBytes!);
    }
  },
);
