import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../dataset/load.js';
import { problemOf, sharedData } from './helpers.js';

/** An idx file of unsigned bytes. */
function idx(sizes: readonly number[], data: readonly number[], magic = 0x0800 + sizes.length): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  [magic, ...sizes].forEach((word, i) => header.writeUInt32BE(word, 4 * i));
  return Buffer.concat([header, Buffer.from(data)]);
}

/** Writes files into one folder and gives the path of the first. */
function folderWith(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-idx-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return path.join(folder, Object.keys(files)[0]);
}

const IMAGES = 'train-images-idx3-ubyte';
const LABELS = 'train-labels-idx1-ubyte';
const images = idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 254, 255]);
const labels = idx([3], [7, 10, 7]);

// Computed with Python's gzip module.
const MNIST = [
  {
    name: 'train',
    rows: 60_000,
    counts: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    sum: 1_567_298_545,
    weighted: 217_306_001,
    sha256: '3257a74d6a30b17f9d52880d2491accee4169aba8d9f226fb7db62181c0a57d6',
  },
  {
    name: 't10k',
    rows: 10_000,
    counts: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    sum: 264_923_200,
    weighted: 214_728_545,
    sha256: 'a6aff2e0ff701df752e6549fd57956570150e7ce87b9b21513d869f82fe068eb',
  },
];

describe('MNIST', () => {
  it.each(MNIST)(
    '$name: shape, label counts and pixels',
    async ({ name, rows, counts, sum, weighted, sha256 }) => {
      const data = await loadDataset([sharedData(`mnist/${name}-images-idx3-ubyte.gz`)], {});
      expect(data).toMatchObject({ name, rows, sha256, image: { height: 28, width: 28 } });
      expect(data.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
      expect(data.features).toHaveLength(784);
      expect([data.features[0], data.features[27], data.features[28], data.features[783]]).toEqual([
        'pixel_0_0',
        'pixel_0_27',
        'pixel_1_0',
        'pixel_27_27',
      ]);
      expect(new Set(data.decimals)).toEqual(new Set([0]));
      expect(data.values).toBeInstanceOf(Uint8Array);
      const bytes = data.values as Uint8Array;
      const found = new Array(10).fill(0);
      data.labels!.forEach((label) => found[label]++);
      expect(found).toEqual(counts);
      expect(bytes.reduce((total, byte) => total + byte, 0)).toBe(sum);
      const start = bytes.subarray(0, 50 * 784);
      expect(start.reduce((total, byte, i) => total + byte * (i % 251), 0)).toBe(weighted);
    },
  );
});

describe('idx files', () => {
  it.each([
    [IMAGES, LABELS, 'train'],
    [IMAGES, `${LABELS}.gz`, 'train'],
    [`${IMAGES}.gz`, LABELS, 'train'],
    [`${IMAGES}.gz`, `${LABELS}.gz`, 'train'],
    ['my.images.idx3-ubyte', 'my.labels.idx1-ubyte', 'my'],
    ['train-images.idx3-ubyte', 'train-labels.idx1-ubyte', 'train'],
  ])('%s with %s', async (imagesName, labelsName, name) => {
    const packed = (file: string, content: Buffer): Buffer =>
      file.endsWith('.gz') ? gzipSync(content) : content;
    const file = folderWith({
      [imagesName]: packed(imagesName, images),
      [labelsName]: packed(labelsName, labels),
    });
    const data = await loadDataset([file], {});
    expect(data).toMatchObject({ name, rows: 3, classes: ['7', '10'], decimals: [0, 0, 0, 0] });
    expect(data.values).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 254, 255));
    expect(data.labels).toEqual(Uint16Array.of(0, 1, 0));
    expect(data.features).toEqual(['pixel_0_0', 'pixel_0_1', 'pixel_1_0', 'pixel_1_1']);
  });

  it('several are put together', async () => {
    const files = [7, 3].map((label) =>
      folderWith({ [IMAGES]: idx([1, 2, 2], [label, 2, 3, 4]), [LABELS]: idx([1], [label]) }),
    );
    const data = await loadDataset(files, {});
    expect(data.values).toEqual(Uint8Array.of(7, 2, 3, 4, 3, 2, 3, 4));
    expect([data.classes, [...data.labels!]]).toEqual([
      ['3', '7'],
      [1, 0],
    ]);
  });

  it('match a trained network by position, with or without labels', async () => {
    const reference = { features: ['a', 'b', 'c', 'd'], classes: ['10', '9', '7'] };
    const labelled = await loadDataset([folderWith({ [IMAGES]: images, [LABELS]: labels })], { reference });
    expect(labelled).toMatchObject({ features: reference.features, classes: reference.classes });
    expect([...labelled.labels!]).toEqual([2, 0, 2]);
    const unlabelled = await loadDataset([folderWith({ [IMAGES]: images })], {
      reference,
      labelsOptional: true,
    });
    expect(unlabelled.labels).toBeNull();
  });

  it('have no columns to choose', async () => {
    const problem = await problemOf(
      loadDataset([sharedData('mnist/t10k-images-idx3-ubyte.gz')], { ignore: ['1'] }),
    );
    expect(problem).toMatchObject({ kind: 'usage', code: 'contradiction' });
  });

  it('files with labels and files without do not mix', async () => {
    const reference = { features: ['a', 'b', 'c', 'd'], classes: ['7', '10'] };
    const files = [folderWith({ [IMAGES]: images, [LABELS]: labels }), folderWith({ [IMAGES]: images })];
    for (const order of [files, files.toReversed()]) {
      const problem = await problemOf(loadDataset(order, { reference, labelsOptional: true }));
      expect(problem).toMatchObject({ code: 'different-columns', file: order[1] });
    }
  });

  const reference = { features: ['a', 'b', 'c', 'd'], classes: ['7', '9'] };
  const short = { features: ['a', 'b'], classes: ['7', '10'] };
  it.each([
    [
      'bad magic',
      { [IMAGES]: idx([3, 2, 2], [], 0x0d03) },
      {},
      'idx-magic',
      /0x00000d03.*expected 0x00000803/,
    ],
    ['a labels file', { [LABELS]: labels }, {}, 'idx-truncated', /header/],
    [
      'a long labels file',
      { [LABELS]: idx([9], [1, 2, 3, 4, 5, 6, 7, 8, 9]) },
      {},
      'idx-magic',
      /give the images file/,
    ],
    [
      'no labels file',
      { [IMAGES]: images },
      {},
      'missing-labels',
      /no train-labels-idx1-ubyte or train-labels-idx1-ubyte\.gz/,
    ],
    ['a name without "images"', { x: images }, {}, 'missing-labels', /name the files/],
    ['labels of bad magic', { [IMAGES]: images, [LABELS]: images }, {}, 'idx-magic', /expected 0x00000801/],
    [
      'too few labels',
      { [IMAGES]: images, [LABELS]: idx([2], [1, 2]) },
      {},
      'labels-count',
      /2 labels for 3 images/,
    ],
    ['no images', { [IMAGES]: idx([0, 2, 2], []), [LABELS]: idx([0], []) }, {}, 'no-rows', /no images/],
    ['no pixels', { [IMAGES]: idx([3, 0, 2], []), [LABELS]: labels }, {}, 'idx-size', /0 × 2/],
    [
      'a byte too many',
      { [IMAGES]: Buffer.concat([images, images.subarray(0, 1)]) },
      {},
      'idx-size',
      /13 bytes/,
    ],
    [
      'absurd sizes',
      { [IMAGES]: idx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [1]) },
      {},
      'idx-truncated',
      /1 bytes/,
    ],
    [
      'too many pixels',
      { [IMAGES]: idx([1, 1, 65536], new Array(65536).fill(0)) },
      {},
      'idx-size',
      /65535 pixels/,
    ],
    ['one class', { [IMAGES]: images, [LABELS]: idx([3], [1, 1, 1]) }, {}, 'one-class', /"1"/],
    [
      'an unknown label',
      { [IMAGES]: images, [LABELS]: labels },
      { reference },
      'unknown-label',
      /10 of image 2.*"7", "9"/,
    ],
    [
      'other features',
      { [IMAGES]: images, [LABELS]: labels },
      { reference: short },
      'wrong-cell-count',
      /2 features/,
    ],
  ])('%s is refused', async (_name, files, options, code, text) => {
    const problem = await problemOf(loadDataset([folderWith(files)], options));
    expect(problem.code).toBe(code);
    expect(`${problem.message} ${problem.hint}`).toMatch(text);
    expect(problem.file).toBeTruthy();
  });

  it('images or labels cut short at every length are refused', async () => {
    for (let length = 0; length < images.length; length++) {
      const file = folderWith({ [IMAGES]: images.subarray(0, length), [LABELS]: labels });
      expect((await problemOf(loadDataset([file], {}))).code).toBe('idx-truncated');
    }
    for (let length = 0; length < labels.length; length++) {
      const file = folderWith({ [IMAGES]: images, [LABELS]: labels.subarray(0, length) });
      expect((await problemOf(loadDataset([file], {}))).code).toBe('idx-truncated');
    }
  });

  it('sizes that differ between files are refused', async () => {
    const files = [
      folderWith({ [IMAGES]: images, [LABELS]: labels }),
      folderWith({ [IMAGES]: idx([1, 1, 4], [1, 2, 3, 4]), [LABELS]: idx([1], [1]) }),
    ];
    expect(await problemOf(loadDataset(files, {}))).toMatchObject({
      code: 'different-columns',
      file: files[1],
    });
  });
});
