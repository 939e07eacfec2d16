import { rowActivity, type Activity } from '../codegen/activity.js';
import { loadDataset, type LoadOptions } from '../dataset/load.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { rawFeatures } from '../model/raw-features.js';

/** Rows that are enough to tell a typical time, spread over the file. */
const MOST_ROWS = 500;

/** raw (rows, features) -> what some of the rows make of every layer. */
export function activitiesOf(model: QuantizedModel, raw: Int32Array): Activity[] {
  const features = model.input.features.length;
  const rows = raw.length / features;
  const count = Math.min(rows, MOST_ROWS);
  return Array.from({ length: count }, (_, k) => {
    const row = Math.floor((k * rows) / count);
    return rowActivity(model, raw.subarray(row * features, (row + 1) * features));
  });
}

/** The same for a file. Throws a `Problem` for data that do not go with the model. */
export async function rowActivities(
  model: QuantizedModel,
  file: string,
  options: Pick<LoadOptions, 'label' | 'header' | 'note'>,
): Promise<Activity[]> {
  const { input, classes, targets } = model;
  const { features, resize } = input;
  const reference = { features, classes, targets, resize };
  const data = await loadDataset([file], { ...options, reference, labelsOptional: true });
  return activitiesOf(model, rawFeatures(data.values, features.length, input));
}
