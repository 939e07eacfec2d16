import { describe, expect, it } from 'vitest';
import { TRAIN_OPTIONS } from '../../cli/commands/train.js';
import type { OptionSpec } from '../../cli/option-spec.js';
import { say } from '../../model/messages.js';
import { resolveOptions, type TrainOptions } from '../../trainer/options.js';

/** What `neurona train --help` says of defaults, against what training takes. */

const OPTIONS: ReadonlyMap<string, OptionSpec<unknown>> = new Map(
  Object.values(TRAIN_OPTIONS).flatMap((group) => Object.entries<OptionSpec<unknown>>(group)),
);
const descriptionOf = (option: OptionSpec<unknown> | undefined): string =>
  option ? say(option.description) : '';
/** Of options that decide no training run; tests of the commands hold them. */
const OTHERS = ['out', 'label', 'task', 'header', 'features', 'name', 'testSplit'];

interface Shape {
  readonly rows?: number;
  readonly classes?: number;
  readonly features?: number;
  readonly isImage?: boolean;
}

function resolved(given: Partial<TrainOptions> = {}, shape: Shape = {}): TrainOptions {
  const { rows = 150, classes = 3, features = 4, isImage = false } = shape;
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`);
  return resolveOptions(given, {
    rows,
    features: names(features),
    classes: names(classes),
    targets: null,
    image: isImage ? { height: 2, width: 2 } : null,
  });
}

const image = { isImage: true };
const two = { classes: 2 };

/** Key, the default in the help with {} for values, and those values as training takes them. */
const DEFAULTS: readonly (readonly [string, string, readonly unknown[]])[] = [
  ['hidden', '{}, of images {}', [resolved().hidden[0], resolved({}, image).hidden[0]]],
  ['activation', '{}', [resolved().activation]],
  ['output', '{}; {} for one or mse', [resolved().output, resolved({}, two).output]],
  ['output', '{}; {} for one or mse', [resolved({}, image).output, resolved({ loss: 'mse' }).output]],
  ['outputs', '{}', [resolved({}, two).outputs]],
  ['init', '{} for relu and its kin, else {}', [resolved().init, resolved({ activation: 'tanh' }).init]],
  [
    'init',
    '{} for relu and its kin, else {}',
    [resolved({ activation: 'elu' }).init, resolved({ activation: 'step' }).init],
  ],
  ['loss', '{}', [resolved().loss]],
  ['loss', '{}', [resolved({}, two).loss]],
  ['classWeights', '{}', [resolved().classWeights]],
  [
    'epochs',
    '{} to {}, fewer for more rows',
    [resolved({}, { rows: 4 }).epochs, resolved({}, { rows: 1e6 }).epochs],
  ],
  [
    'batch',
    '{}, from {} rows on {}',
    [resolved({}, { rows: 999 }).batch, 1000, resolved({}, { rows: 1000 }).batch],
  ],
  ['optimizer', '{}; of images {}, without --l2', [resolved().optimizer, resolved({}, image).optimizer]],
  ['learningRate', 'with adam {}, of images {}', [resolved().learningRate, resolved({}, image).learningRate]],
  [
    'momentum',
    '{}), muon ({}',
    [resolved({ optimizer: 'sgd' }).momentum, resolved({ optimizer: 'muon' }).momentum],
  ],
  ['momentum', '{}), muon ({}', [resolved({ optimizer: 'nesterov' }).momentum, 0.95]],
  [
    'weightDecay',
    '{}, of images {}',
    [resolved({ optimizer: 'adamw' }).weightDecay, resolved({}, image).weightDecay],
  ],
  [
    'schedule',
    '{}; with sgd and nesterov {}',
    [resolved().schedule, resolved({ optimizer: 'sgd' }).schedule],
  ],
  [
    'schedule',
    '{}; with sgd and nesterov {}',
    [resolved({ optimizer: 'muon' }).schedule, resolved({ optimizer: 'nesterov' }).schedule],
  ],
  ['warmUp', '{}', [resolved().warmUp]],
  ['l1', '{}', [resolved().l1]],
  ['l2', 'rows / {}, at most {}', [50 / resolved({}, { rows: 50 }).l2, resolved({}, { rows: 1e5 }).l2]],
  ['dropout', '{}', [resolved().dropout]],
  ['labelSmoothing', '{}', [resolved().labelSmoothing]],
  ['inputNoise', '{}', [resolved().inputNoise]],
  ['validationSplit', '{}', [resolved({ patience: 5 }).validationSplit]],
  ['bits', '{}', [resolved().precision.weightBits]],
  ['activationBits', '{}', [resolved().precision.activationBits]],
  ['accumulator', '{}, the fewest that cost no accuracy', [resolved().precision.accumulator]],
];

describe('train --help', () => {
  it.each(DEFAULTS)('says the default of %s: %s', (key, pattern, values) => {
    const text = values.reduce<string>((filled, value) => filled.replace('{}', String(value)), pattern);
    expect(descriptionOf(OPTIONS.get(key))).toContain(`(default: ${text})`);
  });

  it('says no other default', () => {
    const told = [...OPTIONS]
      .filter(([, option]) => descriptionOf(option).includes('default'))
      .map(([key]) => key);
    expect(new Set([...DEFAULTS.map(([key]) => key), ...OTHERS])).toEqual(new Set(told));
  });
});
