import { createHash } from 'node:crypto';
import path from 'node:path';
import { rejectData } from '../model/problem.js';
import type { Dataset } from './dataset.js';
import { createIdxCollector, isIdx } from './idx.js';
import type { LoadOptions } from './row-collector.js';
import { readSource, type SourceFile } from './source-file.js';
import { quoted } from './suggestion.js';
import { createTableCollector } from './table.js';

export type { LoadOptions } from './row-collector.js';

/** `iris` for `data/iris.csv.gz`, `train` for `train-images-idx3-ubyte.gz`. */
function datasetName(file: string): string {
  return path
    .basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|tsv|txt)$/i, '')
    .replace(/[-.]images[-.]idx3-ubyte$/, '');
}

/**
 * Loads CSV files (comma, semicolon or tab; with or without a header; `.gz` too) or idx images with their labels files
 * as one data set, in the order of the files. Throws a `Problem` with file, line and column for anything that is not
 * exactly rows of finite numbers and a label. `files` must not be empty.
 */
export async function loadDataset(files: readonly string[], options: LoadOptions): Promise<Dataset> {
  const hash = createHash('sha256');
  const read = async (file: string): Promise<SourceFile> => {
    const source = await readSource(file);
    hash.update(source.bytes);
    return source;
  };

  let source = await read(files[0]);
  const areImages = isIdx(source);
  const collector = areImages ? createIdxCollector(options, read) : createTableCollector(options);
  await collector.add(source);
  for (const file of files.slice(1)) {
    source = await read(file);
    if (isIdx(source) !== areImages) {
      rejectData('different-columns', 'images and tables cannot be one data set', { file });
    }
    await collector.add(source);
  }

  const collected = collector.finish();
  if (!options.reference && collected.classes.length === 1) {
    rejectData(
      'one-class',
      `every row has the label ${quoted(collected.classes[0])}; expected two classes or more`,
      {
        file: files[0],
        hint: 'add rows of other classes, or name the label column with --label',
      },
    );
  }
  return { name: datasetName(files[0]), sha256: hash.digest('hex'), ...collected };
}
