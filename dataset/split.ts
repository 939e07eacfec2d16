import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { createRandom } from '../model/random.js';
import type { Dataset, Image, Targets } from './dataset.js';

/** Rows to train with and rows to test with; none is in both, and together they are all rows, in their order. */
export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** values (all rows, features), at `rows` -> values (rows.length, features) */
export function rowsOf<A extends Float64Array | Uint8Array>(
  values: A,
  features: number,
  rows: Uint32Array,
): A {
  const picked = new (values.constructor as new (length: number) => A)(rows.length * features);
  rows.forEach((row, i) => picked.set(values.subarray(row * features, (row + 1) * features), i * features));
  return picked;
}

function imageOf({ original, ...size }: Image, rows: Uint32Array): Image {
  if (!original) return size;
  const values = rowsOf(original.values, original.height * original.width, rows);
  return { ...size, original: { ...original, values } };
}

function targetsOf(targets: Targets, rows: Uint32Array): Targets {
  return { ...targets, values: rowsOf(targets.values, targets.names.length, rows) };
}

/** The rows `indices` (counted from 0, in that order) as a data set of its own, with the same columns and classes. */
export function selectRows(data: Dataset, indices: Uint32Array): Dataset {
  const values = rowsOf(data.values, data.features.length, indices);
  const labels = data.labels && Uint16Array.from(indices, (row) => data.labels![row]);
  const targets = data.targets && targetsOf(data.targets, indices);
  const image = data.image && imageOf(data.image, indices);
  return { ...data, rows: indices.length, values, labels, targets, image };
}

/**
 * (classes,) the rows of each class in random order; rows with targets are all of one class. Throws a `RangeError` for
 * data with neither labels nor targets.
 */
function shuffledClasses(data: Dataset, seed: number): Uint32Array[] {
  const { labels, targets } = data;
  const random = createRandom(seed);
  const rows: number[][] = targets
    ? [Array.from({ length: data.rows }, (_, row) => row)]
    : data.classes.map(() => []);
  if (!targets && labels === null) throw new RangeError('only rows with labels can be split by class');
  if (!targets) labels!.forEach((label, row) => rows[label].push(row));
  return rows.map((ofClass) => {
    const order = Uint32Array.from(ofClass);
    random.shuffle(order);
    return order;
  });
}

function splitAt(data: Dataset, isTest: Uint8Array): Split {
  const rows = Uint32Array.from(isTest.keys());
  return {
    train: selectRows(
      data,
      rows.filter((row) => isTest[row] === 0),
    ),
    test: selectRows(
      data,
      rows.filter((row) => isTest[row] === 1),
    ),
  };
}

/**
 * (classes,) how many rows of each class to test with: its share rounded down, then one more for the classes with the
 * largest remainders (ties to the lowest class) until the whole has its share. Every class keeps a row to train with.
 */
function testCounts(counts: readonly number[], fraction: number): number[] {
  const quotas = counts.map((count) => Math.min(Math.floor(count * fraction), Math.max(count - 1, 0)));
  const total = Math.round(counts.reduce((a, b) => a + b, 0) * fraction);
  const byRemainder = [...counts.keys()].sort(
    (a, b) => counts[b] * fraction - quotas[b] - (counts[a] * fraction - quotas[a]) || a - b,
  );
  let open = total - quotas.reduce((a, b) => a + b, 0);
  for (const label of byRemainder) {
    if (open > 0 && quotas[label] < counts[label] - 1) {
      quotas[label]++;
      open--;
    }
  }
  return quotas;
}

/**
 * Sets `testFraction` of the rows of every class aside, chosen by `seed`; of all rows where they have targets. Throws a `Problem` where the fraction is not
 * between 0 and 1 or no row would be left to test with.
 */
export function stratifiedSplit(data: Dataset, testFraction: number, seed: number): Split {
  if (!(testFraction > 0 && testFraction < 1)) {
    rejectData(
      'test-split-range',
      t`a test split of ${testFraction}; expected a fraction above 0 and below 1`,
      {
        hint: t`0.2 sets a fifth of the rows aside`,
      },
    );
  }
  const classes = shuffledClasses(data, seed);
  const isTest = new Uint8Array(data.rows);
  testCounts(
    classes.map((rows) => rows.length),
    testFraction,
  ).forEach((count, label) => classes[label].subarray(0, count).forEach((row) => (isTest[row] = 1)));
  if (!isTest.includes(1)) {
    rejectData(
      'too-few-rows',
      t`${data.rows} rows are too few to set ${testFraction} of them aside for testing`,
      {
        hint: t`use more rows, a larger fraction, or a test file of its own`,
      },
    );
  }
  return splitAt(data, isTest);
}

/**
 * Cross-validation: every row is in the test part of exactly one of the folds, except the row of a class that has only
 * one, which is always trained with. Fold sizes differ by one at most. Throws a `Problem` for fewer than two folds or
 * for so many that a test part would be empty.
 */
export function stratifiedFolds(data: Dataset, folds: number, seed: number): Split[] {
  if (!Number.isInteger(folds) || folds < 2) {
    rejectData('folds-range', t`${folds} folds; expected a whole number from 2`, {
      hint: t`5 or 10 are usual`,
    });
  }
  const dealt = shuffledClasses(data, seed)
    .filter((rows) => rows.length > 1)
    .flatMap((rows) => [...rows]); // class by class, so that neighbours of a class land in different folds
  if (dealt.length < folds) {
    rejectData('too-few-rows', t`${dealt.length} rows can be tested with, too few for ${folds} folds`, {
      hint: t`use fewer folds or more rows of every class`,
    });
  }
  return Array.from({ length: folds }, (_, fold) => {
    const isTest = new Uint8Array(data.rows);
    for (let i = fold; i < dealt.length; i += folds) isTest[dealt[i]] = 1;
    return splitAt(data, isTest);
  });
}
