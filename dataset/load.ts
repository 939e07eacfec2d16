import { createHash } from 'node:crypto';
import path from 'node:path';
import { t } from '../model/messages.js';
import { Problem, rejectData } from '../model/problem.js';
import type { Dataset } from './dataset.js';
import { expandPatterns } from './file-patterns.js';
import { createIdxCollector, isIdx } from './idx.js';
import { parseEitherNumber } from './number-cell.js';
import { resizeImages } from './resize.js';
import { isRegression, type LoadOptions, type RowCollector } from './row-collector.js';
import { openSource, type SourceFile } from './source-file.js';
import { quoted } from '../model/suggestion.js';
import { createTableCollector } from './table.js';

export type { LoadOptions } from './row-collector.js';

/** `iris` for `data/iris.csv.gz`, `train` for `train-images-idx3-ubyte.gz`. */
export function datasetName(file: string): string {
  return path
    .basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.(csv|tsv|txt|parquet)$/i, '')
    .replace(/[-.]images[-.]idx3-ubyte$/, '');
}

type Collected = ReturnType<RowCollector['finish']>;

async function withSource<T>(file: string, use: (source: SourceFile) => T | Promise<T>): Promise<T> {
  const source = await openSource(file);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** From so many classes on, of fewer than so many rows each, decimal labels are measurements. */
const MEASUREMENTS = { classes: 20, rowsPerClass: 3 } as const;

/** Labels such as 21.37 are classes only where somebody says so. */
function checkNames({ classes, rows }: Collected, { task, reference }: LoadOptions, file: string): void {
  if (task !== undefined || reference || classes.length <= MEASUREMENTS.classes) return;
  if (rows >= classes.length * MEASUREMENTS.rowsPerClass) return;
  const numbers = classes.map(parseEitherNumber);
  if (numbers.some(Number.isNaN) || numbers.every(Number.isInteger)) return;
  const message = t`the labels look like measurements: ${classes.length} different decimal numbers in ${rows} rows`;
  rejectData('labels-are-numbers', message, {
    file,
    hint: t`--task regression predicts them as numbers; --task classification takes each for a class`,
  });
}

/**
 * Loads CSV files (comma, semicolon or tab; with or without a header; `.gz` too), Parquet files or idx images with
 * their labels files as one data set, in the order of the files. `patterns` are names of files or patterns such as
 * `data/*.csv`, one at least. Images are resized where `options` or its reference say so. Throws a `Problem`, with file,
 * line and column where there are any, for anything that is not exactly rows of finite numbers and a label; of kind usage
 * for options that do not go with the data.
 */
export async function loadDataset(patterns: readonly string[], options: LoadOptions = {}): Promise<Dataset> {
  const files = await expandPatterns(patterns);
  const hash = createHash('sha256');
  const areImages = await withSource(files[0], isIdx);
  if (areImages && isRegression(options)) {
    const hint = t`a regression takes tables: CSV or Parquet, with the numbers to predict in columns`;
    rejectData('no-targets', t`idx labels are classes, not numbers to predict`, { file: files[0], hint });
  }
  if (areImages && (options.features ?? options.ignore)) {
    const message = t`images have no columns to choose from`;
    const hint = t`leave --features and --ignore out`;
    throw new Problem({ kind: 'usage', code: 'contradiction', message, file: files[0], hint });
  }
  const collector: RowCollector = areImages
    ? createIdxCollector(options, (labels, use) => withSource(labels, use))
    : createTableCollector(options);
  for (const file of files) {
    await withSource(file, async (source) => {
      if (isIdx(source) !== areImages)
        rejectData('different-columns', t`images and tables cannot be one data set`, { file });
      await collector.add(source, hash);
    });
  }

  const collected = collector.finish();
  checkNames(collected, options, files[0]);
  if (!options.reference && collected.classes.length === 1) {
    rejectData(
      'one-class',
      t`every row has the label ${quoted(collected.classes[0])}; expected two classes or more`,
      {
        file: files[0],
        hint: t`add rows of other classes, or name the label column with --label`,
      },
    );
  }
  const data = { name: datasetName(files[0]), sha256: hash.digest('hex'), ...collected };
  const { resize: to, crop, reference } = options;
  if (to || crop) return resizeImages(data, { crop, to });
  const known = reference?.resize;
  const isFirst = known?.from.height === data.image?.height && known?.from.width === data.image?.width;
  return known && isFirst ? resizeImages(data, known) : data;
}
