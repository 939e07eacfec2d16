import { rowActivity, type Activity } from '../codegen/activity.js';
import type { Dataset } from '../dataset/dataset.js';
import { loadDataset } from '../dataset/load.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { rawFeatures } from '../model/raw-features.js';

/** Rows that are enough to tell a typical time, spread over the file. */
const MOST_ROWS = 500;

/** What rows of data, in the model's own features, make of every layer. */
export function activitiesOf(model: QuantizedModel, data: Dataset): Activity[] {
  const { features } = model.input;
  const raw = rawFeatures(data.values, features.length, model.input);
  const count = Math.min(data.rows, MOST_ROWS);
  return Array.from({ length: count }, (_, k) => {
    const row = Math.floor((k * data.rows) / count);
    return rowActivity(model, raw.subarray(row * features.length, (row + 1) * features.length));
  });
}

/** What rows of a file make of every layer. Throws a `Problem` for data that do not go with the model. */
export async function rowActivities(
  model: QuantizedModel,
  file: string,
  options: { readonly label?: string; readonly header?: boolean },
): Promise<Activity[]> {
  const { input, classes, targets } = model;
  const { features, resize } = input;
  const reference = { features, classes, targets, resize };
  return activitiesOf(model, await loadDataset([file], { ...options, reference, labelsOptional: true }));
}
