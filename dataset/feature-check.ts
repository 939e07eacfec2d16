import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { quotedList } from '../model/suggestion.js';
import type { Dataset } from './dataset.js';

/** Throws a `Problem` (`other-features`) for rows that are not of the features which a network was trained with. */
export function checkFeatures({ features }: Dataset, wanted: readonly string[]): void {
  if (features.length === wanted.length && features.every((name, k) => name === wanted[k])) return;
  rejectData(
    'other-features',
    t`the rows are of ${quotedList(features)}, the network of ${quotedList(wanted)}`,
    { hint: t`loadDataset(files, { reference: network }) reads the network's columns, in its order` },
  );
}
