import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { datasetName } from '../dataset/load.js';
import type { Network } from '../model/network.js';
import { Problem } from '../model/problem.js';
import { resolveOptions, type TrainOptions } from '../trainer/options.js';
import { TRAIN_OPTIONS } from './commands/train.js';
import { flagOf } from './option-spec.js';
import { recordedSource } from './recorded-source.js';

/** The command that trains a network again, from what its file says of its training. */

const trainingSchema = z.object({
  options: z.looseObject({}),
  rows: z.number().int().min(1),
  validationRows: z.number().int().min(0).default(0),
});

type Settings = Readonly<Record<string, unknown>>;

/** The recorded options by the names of their flags. */
function settingsOf({ precision, ...options }: TrainOptions): Settings {
  const { weightBits, activationBits, accumulator } = precision;
  const { patience, validationSplit, augment, ...rest } = options;
  const amounts = Object.entries(augment ?? {}).filter(([, amount]) => amount !== 0);
  return {
    ...rest,
    ...(patience !== null && { patience, validationSplit }),
    ...(amounts.length > 0 && { augment: Object.fromEntries(amounts) }),
    bits: weightBits,
    activationBits,
    accumulator,
  };
}

/** Settings as the trainer takes them. */
function optionsOf({ bits, activationBits, accumulator, ...rest }: Settings, usual: TrainOptions): object {
  const { precision } = usual;
  return {
    ...rest,
    precision: {
      weightBits: bits ?? precision.weightBits,
      activationBits: activationBits ?? precision.activationBits,
      accumulator: accumulator ?? precision.accumulator,
    },
  };
}

type Shape = Parameters<typeof resolveOptions>[1];

/** The settings without those that follow from the data and from the others. */
function necessary(settings: Settings, recorded: TrainOptions, shape: Shape): Settings {
  const usual = resolveOptions({}, shape);
  let kept = settings;
  for (const key of Object.keys(settings).filter((name) => name !== 'seed')) {
    const { [key]: _, ...without } = kept;
    try {
      if (isDeepStrictEqual(resolveOptions(optionsOf(without, usual), shape), recorded)) kept = without;
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // the others contradict each other without it
    }
  }
  return kept;
}

/** A value as it is typed after its flag; a list of names or numbers, amounts, or a word. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '0' : value.join(',');
  if (typeof value !== 'object' || value === null) return String(value);
  if ('width' in value && 'height' in value) return `${String(value.width)}x${String(value.height)}`;
  return Object.entries(value)
    .map(([name, amount]) => `${name}=${String(amount)}`)
    .join(',');
}

const wordsOf = (settings: Settings): string[] =>
  Object.entries(settings).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (typeof value !== 'boolean') return [flagOf(key), valueText(value)];
    return value ? [flagOf(key)] : [flagOf(key).replace(/^--/, '--no-')];
  });

/**
 * The words after `neurona`, and the files among them by the names that the training recorded, of which `tested` hold the
 * rows of the test; null for a network whose file does not say enough. `isImage`: its rows are images.
 */
export function trainWords(
  { network, file }: { readonly network: Network; readonly file: string },
  isImage: boolean,
): {
  readonly words: readonly string[];
  readonly files: readonly string[];
  readonly tested: readonly string[];
} | null {
  const source = recordedSource(network.training);
  const parsed = trainingSchema.safeParse(network.training);
  if (!source || !parsed.success) return null;
  const { rows, validationRows } = parsed.data;
  const recorded = network.training.options as TrainOptions;
  const { targets } = network;
  const shape: Shape = {
    rows: rows + validationRows,
    features: network.features,
    classes: network.classes,
    targets: targets && { names: targets.names, values: new Float64Array(0), decimals: targets.decimals },
    image: isImage ? { width: 0, height: 0 } : null,
  };
  const { seed, fixedPoint, ...settings } = necessary(settingsOf(recorded), recorded, shape);
  const { files, test, testSplit, label, header, task, chosen } = source;
  const { from, crop, to } = network.input.resize ?? {};
  const columns = {
    name: network.name === datasetName(files[0]) ? undefined : network.name,
    label,
    header,
    task,
    // Features of data without a header are named by their columns.
    features: chosen && network.features.map((name) => (header === false ? name.replace(/^x/, '') : name)),
    crop: isDeepStrictEqual(crop, from) ? undefined : crop,
    resize: to,
  };
  const known = Object.entries(settings).filter(([key]) =>
    Object.values(TRAIN_OPTIONS).some((group) => Object.hasOwn(group, key)),
  );
  const words = [
    'train',
    ...files,
    ...wordsOf(columns),
    ...(test ? ['--test', test.file] : testSplit === 0.2 ? [] : ['--test-split', String(testSplit)]),
    ...wordsOf(Object.fromEntries(known)),
    ...(fixedPoint === false ? ['--no-fixed-point'] : []),
    ...(seed === 1 ? [] : ['--seed', String(seed)]),
    '-o',
    file,
  ];
  return { words, files, tested: test ? [test.file] : files };
}
