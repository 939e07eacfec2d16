import { countingFeatures } from '../dataset/counters.js';
import type { Dataset } from '../dataset/dataset.js';
import { t } from '../model/messages.js';
import { quoted } from '../model/suggestion.js';
import { shellWords } from '../model/shell-words.js';
import type { TrainSettings } from './training.js';

/** What `neurona train` says of columns that count the rows instead of measuring something. */

/** Names of columns without a header, and lists: `--ignore` would not take them for the name of the column. */
const NOT_A_NAME = /^x\d+$|,/;

function mending(names: readonly string[], { features, ignore = [] }: TrainSettings): string {
  if (features) return t`leave it out of --features`;
  if (names.some((name) => NOT_A_NAME.test(name))) return t`leave it out with --ignore and its number`;
  return t`leave it out with --ignore ${shellWords([[...ignore, ...names].join(',')])}`;
}

/** A sentence about each counting column of `data`, which are all rows in the order of their files. */
export function countingWarnings(data: Dataset, settings: TrainSettings): string[] {
  const names = countingFeatures(data).map((i) => data.features[i]);
  const how = mending(names, settings);
  return names.map(
    (name) =>
      t`column ${quoted(name)} counts the rows, as a row number or a clock does: scores with it are too good, as it says nothing about new rows; unless it measures something, ${how}`,
  );
}
