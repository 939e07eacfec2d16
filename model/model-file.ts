import { z } from 'zod';
import { artifactText, fieldPath, readArtifact } from './artifact.js';
import { jsonText } from './json-text.js';
import { namesSchema, resizeFault, resizeSchema } from './network-file.js';
import { scaleOutput } from './arithmetic.js';
import { m, t } from './messages.js';
import { rejectData } from './problem.js';
import { currentLocale, saying } from './schema-messages.js';
import { LIMITS, MOST_MULTIPLIER, weightMaximum, type QuantizedModel } from './quantized-model.js';
import { accumulatorRange, narrowestAccumulator, neuronRange, proveAccumulator } from './range-proof.js';

/** `model.json`: the integer model as a file. Reading it repeats the proof of its accumulators. */

const whole = (lowest: number, highest: number) =>
  z
    .number(saying(m`expected a whole number ${lowest}..${highest}`))
    .int(saying(m`expected a whole number ${lowest}..${highest}`))
    .min(lowest, saying(m`expected ${lowest}..${highest}`))
    .max(highest, saying(m`expected ${lowest}..${highest}`));
const int32 = whole(-2147483648, 2147483647);

const layerSchema = z.strictObject({
  inputs: whole(1, LIMITS.units),
  outputs: whole(1, LIMITS.units),
  inputMaximum: whole(1, 255),
  weightBits: z.literal([8, 4, 2], saying(m`expected 8, 4 or 2`)),
  accumulatorBits: z.literal([16, 24, 32], saying(m`expected 16, 24 or 32`)),
  requantization: z
    .strictObject({
      multiplier: z.array(whole(1, 65535)),
      shift: z.literal([8, 16, 24], saying(m`expected 8, 16 or 24`)),
      maximum: whole(1, 255),
    })
    .nullable(),
  table: z.array(whole(0, 255)).length(256).nullable(),
  weights: z.array(whole(-127, 127)),
  bias: z.array(int32),
});

type LayerBody = z.infer<typeof layerSchema>;

const targetsSchema = z.strictObject({
  names: namesSchema.min(1).max(LIMITS.targets),
  decimals: z.array(whole(-300, 300)),
  low: z.array(int32),
  multiplier: z.array(whole(0, MOST_MULTIPLIER)),
  rounding: z.array(whole(0, 2147483647)),
  shift: z.array(whole(0, 31)),
  base: z.array(int32),
});

const probabilitySchema = z.strictObject({
  kind: z.enum(['softmax', 'sigmoid']),
  drop: whole(0, 16),
  multiplier: whole(0, 65535),
  shift: whole(1, 17),
});

const modelSchema = z
  .strictObject({
    name: z.string(),
    classes: namesSchema.max(LIMITS.classes),
    targets: targetsSchema.optional(),
    decision: z.enum(['argmax', 'sign', 'value']),
    probability: probabilitySchema.optional(),
    input: z.strictObject({
      features: namesSchema.min(1).max(LIMITS.features),
      rawType: z.enum(['uint8', 'int16', 'int32']),
      decimals: z.array(whole(-300, 300)),
      low: z.array(int32),
      span: z.array(whole(0, 65535)),
      multiplier: z.array(whole(0, 16777215)),
      maximum: whole(1, 255),
      resize: resizeSchema,
    }),
    layers: z.array(layerSchema).min(1).max(LIMITS.layers),
  })
  .superRefine((body, context) => {
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const expectLength = (path: (string | number)[], actual: number, expected: number) => {
      if (actual !== expected) complain(path, t`has ${actual} numbers; expected ${expected}`);
    };
    const { input, layers } = body;
    for (const key of ['decimals', 'low', 'span', 'multiplier'] as const) {
      const length = input[key].length;
      if (length !== input.low.length || (length !== 1 && length !== input.features.length)) {
        complain(
          ['input', key],
          t`has ${length} entries; expected 1 or ${input.features.length}, as input.low`,
        );
      }
    }
    input.span.forEach((span, i) => {
      if (span * (input.multiplier[i] ?? 0) + 32768 >= (input.maximum + 1) * 65536) {
        complain(['input', 'multiplier', i], t`lets an input exceed ${input.maximum}`);
      }
    });
    const fault = resizeFault(input.resize, input.features.length);
    if (fault !== null) complain(['input', 'resize'], fault);
    layers.forEach((layer, l) => checkLayer(layer, l, expectLength, complain));
    layers.forEach((layer, l) => {
      const before = l === 0 ? input.features.length : layers[l - 1].outputs;
      if (layer.inputs !== before)
        complain(['layers', l, 'inputs'], t`is ${layer.inputs}; expected ${before}`);
      if (layer.inputMaximum !== outputMaximum(layers, l - 1, input.maximum)) {
        complain(
          ['layers', l, 'inputMaximum'],
          t`is ${layer.inputMaximum}; what comes before reaches ${outputMaximum(layers, l - 1, input.maximum)}`,
        );
      }
      if ((layer.requantization === null) !== (l === layers.length - 1)) {
        complain(['layers', l, 'requantization'], t`must be null in the last layer and there alone`);
      }
    });
    const outputs = layers[layers.length - 1].outputs;
    if ((body.decision === 'value') !== (body.targets !== undefined)) {
      complain(
        ['decision'],
        body.targets
          ? t`${body.decision} does not go with targets`
          : t`${body.decision} does not go without targets`,
      );
      return;
    }
    if (body.targets) {
      if (body.classes.length > 0) complain(['classes'], t`must be empty where there are targets`);
      if (body.probability) complain(['probability'], t`does not go with targets`);
      checkTargets(body.targets, layers[layers.length - 1], expectLength, complain);
      return;
    }
    const expected = body.decision === 'sign' ? 1 : body.classes.length;
    if (outputs !== expected || (body.decision === 'sign' && body.classes.length !== 2)) {
      complain(
        ['decision'],
        t`${body.decision} over ${outputs} outputs does not give ${body.classes.length} classes`,
      );
    }
    if (body.decision === 'sign' && body.probability?.kind === 'softmax')
      complain(['probability', 'kind'], t`softmax does not go with decision sign`);
  });

/** The highest activation that layer l hands on; l = -1 is the input. */
function outputMaximum(
  layers: readonly Pick<LayerBody, 'requantization' | 'table'>[],
  l: number,
  inputMaximum: number,
): number {
  if (l < 0) return inputMaximum;
  const { requantization, table } = layers[l];
  return table ? Math.max(1, ...table) : (requantization?.maximum ?? 1);
}

function checkLayer(
  layer: LayerBody,
  l: number,
  expectLength: (path: (string | number)[], actual: number, expected: number) => void,
  complain: (path: (string | number)[], message: string) => void,
): void {
  expectLength(['layers', l, 'weights'], layer.weights.length, layer.inputs * layer.outputs);
  expectLength(['layers', l, 'bias'], layer.bias.length, layer.outputs);
  if (layer.requantization) {
    expectLength(
      ['layers', l, 'requantization', 'multiplier'],
      layer.requantization.multiplier.length,
      layer.outputs,
    );
  }
  if (layer.table && layer.requantization?.maximum !== 255)
    complain(['layers', l, 'table'], t`needs a requantisation to 0..255`);
  // The proof loops over the sizes the file claims: only once they are known to be true.
  if (layer.weights.length !== layer.inputs * layer.outputs || layer.bias.length !== layer.outputs) return;
  const limit = weightMaximum(layer.weightBits);
  const wide = layer.weights.findIndex((w) => Math.abs(w) > limit);
  if (wide >= 0) complain(['layers', l, 'weights', wide], t`expected ${-limit}..${limit}`);
  const range = accumulatorRange(layer);
  if ((narrowestAccumulator(range) ?? Infinity) > layer.accumulatorBits) {
    complain(
      ['layers', l, 'accumulatorBits'],
      t`neuron ${range.neuron} can reach ${range.lowest}..${range.highest}, which ${layer.accumulatorBits} bits do not hold`,
    );
  }
}

/** Every value that an accumulator within its proven range can give must fit 32 bits. */
function checkTargets(
  targets: z.infer<typeof targetsSchema>,
  layer: LayerBody,
  expectLength: (path: (string | number)[], actual: number, expected: number) => void,
  complain: (path: (string | number)[], message: string) => void,
): void {
  const lists = Object.entries(targets);
  for (const [key, list] of lists) expectLength(['targets', key], list.length, layer.outputs);
  if (lists.some(([, list]) => list.length !== layer.outputs)) return;
  if (layer.weights.length !== layer.inputs * layer.outputs || layer.bias.length !== layer.outputs) return;
  const { low, multiplier, rounding, shift, base } = targets;
  for (let n = 0; n < layer.outputs; n++) {
    const { lowest, highest } = neuronRange(layer, n);
    if (low[n] > lowest) complain(['targets', 'low', n], t`the raw output can be ${lowest}..${highest}`);
    if (rounding[n] >= 2 ** shift[n]) complain(['targets', 'rounding', n], t`expected 0..2^${shift[n]} - 1`);
    const most = scaleOutput(highest, low[n], multiplier[n], rounding[n], shift[n], base[n]);
    if (most > 2147483647) complain(['targets', 'base', n], t`lets a value reach ${most}, beyond 32 bits`);
  }
}

/** Throws a `Problem` of what reading the file would refuse: whoever puts a model together by hand hears of it at once. */
function checkBody(body: object): void {
  const checked = modelSchema.safeParse(JSON.parse(jsonText(body)), currentLocale());
  if (checked.success) return;
  const [{ path, message }] = checked.error.issues;
  rejectData('invalid-model', t`the model's ${fieldPath(path)}: ${message}`, {
    hint: t`models that quantize and readModelFile return are legal`,
  });
}

/**
 * The bytes of `model.json`, and the model's hash. Equal models give equal bytes. Throws a `Problem` if a bound is not proven
 * (`accumulator-overflow`) or a field does not go with the others (`invalid-model`).
 */
export function modelFileText(model: QuantizedModel): { text: string; hash: string } {
  const { name, classes, targets, decision, probability, input } = model;
  const layers = model.layers.map((layer, l) => {
    proveAccumulator(layer, l, layer.accumulatorBits);
    const {
      inputs,
      outputs,
      inputMaximum,
      weightBits,
      accumulatorBits,
      requantization,
      table,
      weights,
      bias,
    } = layer;
    return {
      inputs,
      outputs,
      inputMaximum,
      weightBits,
      accumulatorBits,
      requantization,
      table,
      weights,
      bias,
    };
  });
  const body = { name, classes, targets: targets ?? undefined, decision, probability, input, layers };
  checkBody(body);
  return artifactText('model', body, probability ? 3 : targets ? 2 : 1);
}

/** Throws a `Problem` naming file and field; see `readArtifact`. */
export function readModelFile(file: string): { model: QuantizedModel; hash: string } {
  const { body, hash } = readArtifact(file, 'model', modelSchema);
  const { low, span, multiplier } = body.input;
  const { targets } = body;
  const model: QuantizedModel = {
    ...body,
    targets: targets
      ? {
          ...targets,
          low: Int32Array.from(targets.low),
          multiplier: Int32Array.from(targets.multiplier),
          rounding: Int32Array.from(targets.rounding),
          shift: Int32Array.from(targets.shift),
          base: Int32Array.from(targets.base),
        }
      : null,
    input: {
      ...body.input,
      low: Int32Array.from(low),
      span: Int32Array.from(span),
      multiplier: Int32Array.from(multiplier),
    },
    layers: body.layers.map((layer) => ({
      ...layer,
      weights: Int8Array.from(layer.weights),
      bias: Int32Array.from(layer.bias),
      requantization: layer.requantization && {
        ...layer.requantization,
        multiplier: Int32Array.from(layer.requantization.multiplier),
      },
      table: layer.table && Uint8Array.from(layer.table),
    })),
  };
  return { model, hash };
}
