import type { Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { LIMITS } from '../model/quantized-model.js';
import { createClassTable } from './class-table.js';
import { mnistHint } from './mnist.js';
import type { LoadOptions, RowCollector } from './row-collector.js';
import type { SourceFile } from './source-file.js';
import { quoted, quotedList, suggestion } from '../model/suggestion.js';

/**
 * The idx format of the MNIST database (http://yann.lecun.com/exdb/mnist/): a magic number 00 00 08 d, where 08 means
 * unsigned bytes and d counts the dimensions; d sizes as big-endian 32-bit integers; the bytes.
 */

const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;

const hex = (magic: number): string => `0x${magic.toString(16).padStart(8, '0')}`;

/** True for a file that is meant to be idx, damaged or not: no text begins with zero bytes. */
export function isIdx(source: SourceFile): boolean {
  const { head, file } = source;
  return (head[0] === 0 && head[1] === 0) || /idx\d-ubyte(\.gz)?$/.test(file);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The sizes in an idx file's header, whose first bytes are `head`. */
function parseHeader(file: string, head: Buffer, expectedMagic: number): number[] {
  const dimensions = expectedMagic & 0xff;
  const length = 4 + 4 * dimensions;
  if (head.length < length) {
    const message = t`${head.length} bytes; an idx header alone has ${length}`;
    rejectData('idx-truncated', message, { file, hint: t`fetch the file again` });
  }
  const magic = head.readUInt32BE(0);
  if (magic !== expectedMagic) {
    rejectData('idx-magic', t`magic number ${hex(magic)} at byte offset 0; expected ${hex(expectedMagic)}`, {
      file,
      hint:
        magic === LABELS_MAGIC
          ? t`this is a labels file: give the images file, its labels are found by their name`
          : t`images are idx3 files of unsigned bytes, labels idx1 files of unsigned bytes`,
    });
  }
  return Array.from({ length: dimensions }, (_, i) => head.readUInt32BE(4 + 4 * i));
}

/** The sizes and the data of an idx file, which takes no more memory than it has bytes, whatever its sizes say. */
async function readIdx(
  source: SourceFile,
  hash: Hash,
  expectedMagic: number,
): Promise<{ sizes: number[]; data: Uint8Array }> {
  const { file } = source;
  const sizes = parseHeader(file, source.head, expectedMagic);
  const expected = sizes.reduce((product, size) => product * size, 1);
  const start = 4 + 4 * sizes.length;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source.chunks(hash)) {
    length += chunk.length;
    if (length <= start + expected) chunks.push(chunk); // a gzip bomb unpacks to nothing
  }
  const found = length - start;
  if (expected !== found) {
    const message = t`${found} bytes follow the header; its sizes ${sizes.join(' × ')} make ${expected}`;
    rejectData(found < expected ? 'idx-truncated' : 'idx-size', message, {
      file,
      hint: t`fetch the file again`,
    });
  }
  return { sizes, data: concat(chunks).subarray(start) };
}

/** `train-images-idx3-ubyte.gz` -> `train-labels-idx1-ubyte.gz` or the same without `.gz`; null where neither exists. */
function findLabels(file: string): { found: string | null; tried: readonly string[] } {
  const base = path.basename(file);
  if (!base.includes('images')) return { found: null, tried: [] };
  const name = base.replace('images', 'labels').replace('idx3', 'idx1');
  const other = name.endsWith('.gz') ? name.slice(0, -3) : `${name}.gz`;
  const tried = [name, other].map((candidate) => path.join(path.dirname(file), candidate));
  return { found: tried.find((candidate) => existsSync(candidate)) ?? null, tried };
}

function rejectMissingLabels(file: string, tried: readonly string[]): never {
  const names = tried.map((candidate) => path.basename(candidate)).join(t` or `);
  rejectData(
    'missing-labels',
    names === ''
      ? t`no labels file for these images`
      : t`no labels file for these images: there is no ${names} beside them`,
    {
      file,
      hint:
        mnistHint(file) ??
        t`name the files as MNIST does: train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz, in one folder`,
    },
  );
}

/** Feature names of an image, counted from 0: `pixel_0_0` is the upper left corner, then along its row. */
export function pixelNames(height: number, width: number): string[] {
  return Array.from({ length: height * width }, (_, i) => `pixel_${Math.floor(i / width)}_${i % width}`);
}

/**
 * Images and labels of idx files. `withSource` opens the labels files, which only their
 * names lead to.
 */
export function createIdxCollector(
  options: LoadOptions,
  withSource: <T>(file: string, use: (source: SourceFile) => Promise<T>) => Promise<T>,
): RowCollector {
  const { reference } = options;
  const classTable = createClassTable(reference?.classes);
  const images: Uint8Array[] = [];
  const labels: Uint8Array[] = []; // provisional class of each image; there are at most 256
  let height = 0;
  let width = 0;
  let rows = 0;

  function checkSize(file: string, [count, h, w]: readonly number[]): void {
    if (count === 0) rejectData('no-rows', t`no images`, { file, hint: t`use a file with images` });
    if (h * w === 0 || h * w > LIMITS.features) {
      const message = t`images of ${h} × ${w} pixels; 1 to ${LIMITS.features} pixels are possible`;
      rejectData('idx-size', message, { file, hint: t`use smaller images` });
    }
    if (rows > 0 && (h !== height || w !== width)) {
      const message = t`images of ${h} × ${w} pixels; those of the first file have ${height} × ${width}`;
      rejectData('different-columns', message, { file, hint: t`use images of one size` });
    }
    const { from, to } = reference?.resize ?? {};
    const isKnown = [from, to].some((size) => size?.height === h && size.width === w);
    if (reference && !isKnown && (from || h * w !== reference.features.length)) {
      const expected = from
        ? t`images of ${from.height} × ${from.width}`
        : t`${reference.features.length} features`;
      const message = t`images of ${h} × ${w} pixels; the network takes ${expected}`;
      rejectData('wrong-cell-count', message, { file, hint: t`use images like those of the training data` });
    }
  }

  async function readLabels(file: string, hash: Hash, count: number): Promise<Uint8Array | null> {
    const { found, tried } = findLabels(file);
    if (found === null) {
      if (options.labelsOptional) return null;
      rejectMissingLabels(file, tried);
    }
    const { sizes, data } = await withSource(found, (labelsFile) => readIdx(labelsFile, hash, LABELS_MAGIC));
    if (sizes[0] !== count) {
      const message = t`${sizes[0]} labels for ${count} images in ${quoted(path.basename(file))}`;
      rejectData('labels-count', message, {
        file: found,
        hint: t`use the labels file that belongs to the images`,
      });
    }
    return data.map((byte, i) => {
      const index = classTable.indexOf(String(byte));
      if (index >= 0) return index;
      const classes = reference!.classes; // a byte has no more than 256 values
      const message = t`label ${byte} of image ${i + 1} was not seen in training; the classes are ${quotedList(classes)}`;
      return rejectData('unknown-label', message, { file: found, hint: suggestion(String(byte), classes) });
    });
  }

  return {
    async add(source, hash) {
      const { sizes, data } = await readIdx(source, hash, IMAGES_MAGIC);
      checkSize(source.file, sizes);
      const own = await readLabels(source.file, hash, sizes[0]);
      if (images.length > 0 && (own === null) !== (labels.length === 0)) {
        const message = own
          ? t`images with labels; those of the first file have none`
          : t`images without labels; those of the first file have some`;
        rejectData('different-columns', message, {
          file: source.file,
          hint: t`give all images labels, or none`,
        });
      }
      [rows, height, width] = [rows + sizes[0], sizes[1], sizes[2]];
      images.push(data);
      if (own) labels.push(own);
    },
    finish() {
      const { classes, rank } = classTable.sorted();
      const isTarget = reference?.features.length === height * width;
      const features = isTarget ? reference.features : pixelNames(height, width);
      return {
        features,
        classes,
        rows,
        values: images.length === 1 ? images[0] : concat(images),
        labels: labels.length === 0 ? null : Uint16Array.from(concat(labels), (label) => rank[label]),
        targets: null,
        decimals: features.map(() => 0),
        image: { height, width },
      };
    },
  };
}
