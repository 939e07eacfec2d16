import { artifactKind } from '../model/artifact.js';
import { t } from '../model/messages.js';
import { readModelFile } from '../model/model-file.js';
import { readNetworkFile } from '../model/network-file.js';
import type { Network } from '../model/network.js';
import { rejectData } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { shellWords } from '../model/shell-words.js';

/** What `evaluate` and `generate` take: `network.json` or `model.json`, told apart by their content. */
export type Artifact =
  | { readonly kind: 'network'; readonly network: Network; readonly hash: string }
  | { readonly kind: 'model'; readonly model: QuantizedModel; readonly hash: string };

export function readNetworkOrModel(file: string): Artifact {
  const kind = artifactKind(file);
  switch (kind) {
    case 'network':
      return { kind, ...readNetworkFile(file) };
    case 'model':
      return { kind, ...readModelFile(file) };
    case 'firmware':
      return rejectData('wrong-kind', t`this describes a firmware folder; expected a network or a model`, {
        file,
        hint: t`neurona train makes a network, neurona quantize makes a model of it`,
      });
    case 'checkpoint':
      return rejectData('wrong-kind', t`this is a checkpoint; expected a network or a model`, {
        file,
        hint: t`neurona train … --resume ${shellWords([file])} finishes the training that it holds`,
      });
  }
}

/** The integer model of either artefact; a network is quantised, and what there is to say of it goes to `warn`. */
export async function readIntegerModel(file: string, warn: (text: string) => void): Promise<QuantizedModel> {
  const artifact = readNetworkOrModel(file);
  if (artifact.kind === 'model') return artifact.model;
  const { quantize } = await import('../codegen/quantize.js');
  const { model, warnings } = quantize(artifact.network);
  warnings.forEach(warn);
  return model;
}
