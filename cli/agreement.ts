import { loadDataset } from '../dataset/load.js';
import type { Network } from '../model/network.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { evaluateFloat } from '../trainer/evaluate.js';
import { integerPredictions, shareEqual } from './predictions.js';

/** How a network and its integer model decide the rows of a file. */
export async function compareOnData(
  network: Network,
  model: QuantizedModel,
  file: string,
  options: { readonly label?: string; readonly header?: boolean },
): Promise<{ rows: number; agreement: number | null; accuracy: number | null; float: number | null }> {
  const { features, classes, input } = network;
  const { label, header } = options;
  const reference = { features, classes, resize: input.resize };
  const data = await loadDataset([file], { label, header, reference });
  const float = evaluateFloat(network, data).predictions;
  const integer = integerPredictions(model, data);
  return {
    rows: data.rows,
    agreement: shareEqual(float, integer),
    accuracy: shareEqual(integer, data.labels),
    float: shareEqual(float, data.labels),
  };
}
