import { existsSync } from 'node:fs';
import path from 'node:path';
import { rejectData } from '../model/problem.js';
import { LIMITS } from '../model/quantized-model.js';
import { createClassTable } from './class-table.js';
import type { LoadOptions, RowCollector } from './row-collector.js';
import type { SourceFile } from './source-file.js';
import { quoted, quotedList, suggestion } from './suggestion.js';

/**
 * The idx format of the MNIST database (http://yann.lecun.com/exdb/mnist/): a magic number 00 00 08 d, where 08 means
 * unsigned bytes and d counts the dimensions; d sizes as big-endian 32-bit integers; the bytes.
 */

const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;

const hex = (magic: number): string => `0x${magic.toString(16).padStart(8, '0')}`;

/** True for a file that is meant to be idx, damaged or not: no text begins with zero bytes. */
export function isIdx(source: SourceFile): boolean {
  const { content, file } = source;
  return (content[0] === 0 && content[1] === 0) || /idx\d-ubyte(\.gz)?$/.test(file);
}

/** The sizes and the data of an idx file, checked against its length before anything is allocated. */
function parseIdx(source: SourceFile, expectedMagic: number): { sizes: number[]; data: Uint8Array } {
  const { file, content } = source;
  const dimensions = expectedMagic & 0xff;
  const start = 4 + 4 * dimensions;
  const again = 'fetch the file again';
  if (content.length < start) {
    rejectData('idx-truncated', `${content.length} bytes; an idx header alone has ${start}`, {
      file,
      hint: again,
    });
  }
  const magic = content.readUInt32BE(0);
  if (magic !== expectedMagic) {
    rejectData('idx-magic', `magic number ${hex(magic)} at byte offset 0; expected ${hex(expectedMagic)}`, {
      file,
      hint:
        magic === LABELS_MAGIC
          ? 'this is a labels file: give the images file, its labels are found by their name'
          : 'images are idx3 files of unsigned bytes, labels idx1 files of unsigned bytes',
    });
  }
  const sizes = Array.from({ length: dimensions }, (_, i) => content.readUInt32BE(4 + 4 * i));
  const expected = sizes.reduce((product, size) => product * size, 1);
  const found = content.length - start;
  if (expected !== found) {
    const message = `${found} bytes follow the header; its sizes ${sizes.join(' × ')} make ${expected}`;
    rejectData(found < expected ? 'idx-truncated' : 'idx-size', message, { file, hint: again });
  }
  return { sizes, data: content.subarray(start) };
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
  const names = tried.map((candidate) => path.basename(candidate)).join(' or ');
  rejectData(
    'missing-labels',
    `no labels file for these images${names && `: there is no ${names} beside them`}`,
    {
      file,
      hint: 'name the files as MNIST does: train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz, in one folder',
    },
  );
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

/** Feature names of an image, counted from 0: `pixel_0_0` is the upper left corner, then along its row. */
function pixelNames(height: number, width: number): string[] {
  return Array.from({ length: height * width }, (_, i) => `pixel_${Math.floor(i / width)}_${i % width}`);
}

/** Images and labels of idx files. `read` reads the labels files, which only their names lead to. */
export function createIdxCollector(
  options: LoadOptions,
  read: (file: string) => Promise<SourceFile>,
): RowCollector {
  const { reference } = options;
  const classTable = createClassTable(reference?.classes);
  const images: Uint8Array[] = [];
  const labels: Uint8Array[] = []; // provisional class of each image; there are at most 256
  let height = 0;
  let width = 0;
  let rows = 0;

  function checkSize(file: string, [count, h, w]: readonly number[]): void {
    if (count === 0) rejectData('no-rows', 'no images', { file, hint: 'use a file with images' });
    if (h * w === 0 || h * w > LIMITS.features) {
      const message = `images of ${h} × ${w} pixels; 1 to ${LIMITS.features} pixels are possible`;
      rejectData('idx-size', message, { file, hint: 'use smaller images' });
    }
    if (rows > 0 && (h !== height || w !== width)) {
      const message = `images of ${h} × ${w} pixels; those of the first file have ${height} × ${width}`;
      rejectData('different-columns', message, { file, hint: 'use images of one size' });
    }
    if (reference && h * w !== reference.features.length) {
      const message = `images of ${h} × ${w} pixels; the network takes ${reference.features.length} features`;
      rejectData('wrong-cell-count', message, { file, hint: 'use images like those of the training data' });
    }
  }

  async function readLabels(file: string, count: number): Promise<Uint8Array | null> {
    const { found, tried } = findLabels(file);
    if (found === null) {
      if (options.labelsOptional) return null;
      rejectMissingLabels(file, tried);
    }
    const { sizes, data } = parseIdx(await read(found), LABELS_MAGIC);
    if (sizes[0] !== count) {
      const message = `${sizes[0]} labels for ${count} images in ${quoted(path.basename(file))}`;
      rejectData('labels-count', message, {
        file: found,
        hint: 'use the labels file that belongs to the images',
      });
    }
    return data.map((byte, i) => {
      const index = classTable.indexOf(String(byte));
      if (index >= 0) return index;
      const classes = reference!.classes; // a byte has no more than 256 values
      const message = `label ${byte} of image ${i + 1} was not seen in training; the classes are ${quotedList(classes)}`;
      return rejectData('unknown-label', message, { file: found, hint: suggestion(String(byte), classes) });
    });
  }

  return {
    async add(source) {
      const { sizes, data } = parseIdx(source, IMAGES_MAGIC);
      checkSize(source.file, sizes);
      const own = await readLabels(source.file, sizes[0]);
      if (images.length > 0 && (own === null) !== (labels.length === 0)) {
        const message = `images ${own ? 'with' : 'without'} labels; those of the first file are otherwise`;
        rejectData('different-columns', message, {
          file: source.file,
          hint: 'give all images labels, or none',
        });
      }
      [rows, height, width] = [rows + sizes[0], sizes[1], sizes[2]];
      images.push(data);
      if (own) labels.push(own);
    },
    finish() {
      const { classes, rank } = classTable.sorted();
      const features = reference?.features ?? pixelNames(height, width);
      return {
        features,
        classes,
        rows,
        values: concat(images),
        labels: labels.length === 0 ? null : Uint16Array.from(concat(labels), (label) => rank[label]),
        decimals: features.map(() => 0),
        image: { height, width },
      };
    },
  };
}
