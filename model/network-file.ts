import { z } from 'zod';
import { ACTIVATION_NAMES } from './activations.js';
import { readArtifact } from './artifact.js';
import { m, t } from './messages.js';
import { saying } from './schema-messages.js';
import type { DenseLayer, Network } from './network.js';
import { LIMITS } from './quantized-model.js';

/** Reads `network.json`, the float network as a file; `network-text.ts` writes it. */

const finite = z.number(saying(m`expected a finite number`));
const WHOLE = m`expected a whole number`;
const count = (highest: number) => z.number(saying(WHOLE)).int(saying(WHOLE)).min(1).max(highest);
const finiteArray = z.array(finite);

const layerSchema = z.strictObject({
  inputs: count(LIMITS.units),
  outputs: count(LIMITS.units),
  activation: z.enum([...ACTIVATION_NAMES, 'softmax']),
  range: z.strictObject({ low: finite, high: finite }).nullable(),
  accumulator: z.literal([16, 24, 32], saying(m`expected 16, 24 or 32`)).optional(),
  activationShift: z.literal([8, 7, 6, 5], saying(m`expected 8, 7, 6 or 5`)).optional(),
  weights: finiteArray,
  bias: finiteArray,
});

const sizeSchema = z.strictObject({ height: count(LIMITS.features), width: count(LIMITS.features) });

export const resizeSchema = z.strictObject({ from: sizeSchema, crop: sizeSchema, to: sizeSchema }).optional();

/** Why a resizing is impossible or does not give this many features; null where all is well. */
export function resizeFault(resize: z.infer<typeof resizeSchema>, features: number): string | null {
  if (!resize) return null;
  const { from, crop, to } = resize;
  if (crop.height > from.height || crop.width > from.width)
    return t`crops ${crop.height} × ${crop.width} pixels out of ${from.height} × ${from.width}`;
  const { height, width } = to;
  return height * width === features ? null : t`makes ${height} × ${width} pixels of ${features} features`;
}

/** Names of features and classes. */
export const namesSchema = z.array(z.string());

const networkSchema = z
  .strictObject({
    name: z.string(),
    features: namesSchema.min(1).max(LIMITS.features),
    classes: namesSchema.max(LIMITS.classes),
    targets: z
      .strictObject({
        names: namesSchema.min(1).max(LIMITS.targets),
        decimals: z.array(z.number().int().min(-300).max(300)),
        mean: finiteArray,
        deviation: z.array(finite.positive()),
      })
      .optional(),
    input: z.strictObject({
      rawType: z.enum(['uint8', 'int16', 'int32']),
      decimals: z.array(z.number().int().min(-300).max(300)),
      mean: finiteArray,
      deviation: z.array(finite.positive()),
      lowest: finiteArray,
      highest: finiteArray,
      resize: resizeSchema,
    }),
    layers: z.array(layerSchema).min(1).max(LIMITS.layers),
    precision: z.strictObject({
      weightBits: z.literal([8, 4, 2], saying(m`expected 8, 4 or 2`)),
      activationBits: z.literal([7, 8], saying(m`expected 7 or 8`)),
      accumulator: z.literal(['auto', 16, 24, 32], saying(m`expected "auto", 16, 24 or 32`)),
    }),
    training: z.record(z.string(), z.unknown()),
  })
  .superRefine((body, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    for (const key of ['decimals', 'mean', 'deviation', 'lowest', 'highest'] as const) {
      const length = body.input[key].length;
      if (length !== body.input.mean.length || (length !== 1 && length !== body.features.length)) {
        complain(
          ['input', key],
          t`has ${length} entries; expected 1 or ${body.features.length}, as input.mean`,
        );
      }
    }
    const fault = resizeFault(body.input.resize, body.features.length);
    if (fault !== null) complain(['input', 'resize'], fault);
    body.layers.forEach((layer, l) => {
      const before = l === 0 ? body.features.length : body.layers[l - 1].outputs;
      const isOutput = l === body.layers.length - 1;
      if (layer.inputs !== before)
        complain(['layers', l, 'inputs'], t`is ${layer.inputs}; expected ${before}`);
      if (layer.weights.length !== layer.inputs * layer.outputs) {
        complain(
          ['layers', l, 'weights'],
          t`has ${layer.weights.length} numbers; expected ${layer.inputs * layer.outputs}`,
        );
      }
      if (layer.bias.length !== layer.outputs) {
        complain(['layers', l, 'bias'], t`has ${layer.bias.length} numbers; expected ${layer.outputs}`);
      }
      if (isOutput !== (layer.range === null))
        complain(['layers', l, 'range'], t`must be null in the last layer and there alone`);
      if (layer.range && layer.range.low > layer.range.high)
        complain(['layers', l, 'range'], t`low is above high`);
      if (!isOutput && layer.activation === 'softmax')
        complain(['layers', l, 'activation'], t`softmax is for the last layer`);
    });
    const { outputs, activation } = body.layers[body.layers.length - 1];
    if (body.targets) {
      for (const key of ['names', 'decimals', 'mean', 'deviation'] as const) {
        const { length } = body.targets[key];
        if (length !== outputs) complain(['targets', key], t`has ${length} entries; expected ${outputs}`);
      }
      if (body.classes.length > 0) complain(['classes'], t`must be empty where there are targets`);
      if (activation !== 'identity')
        complain(['layers', body.layers.length - 1, 'activation'], t`targets need identity outputs`);
    } else if (outputs !== body.classes.length && !(outputs === 1 && body.classes.length === 2)) {
      complain(['classes'], t`${body.classes.length} classes do not go with ${outputs} outputs`);
    }
  });

/** Throws a `Problem` naming file and field; see `readArtifact`. */
export function readNetworkFile(file: string): { network: Network; hash: string } {
  const { body, hash } = readArtifact(file, 'network', networkSchema);
  const layers = body.layers.map((layer): DenseLayer => ({
    ...layer,
    weights: Float64Array.from(layer.weights),
    bias: Float64Array.from(layer.bias),
  }));
  return { network: { ...body, targets: body.targets ?? null, layers }, hash };
}
