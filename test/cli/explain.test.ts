import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { costSettings, type CostSettings } from '../../cli/explain/cost-settings.js';
import { explanationLines } from '../../cli/explain/explanation.js';
import { inLanguage, type Language } from '../../model/messages.js';
import { number, shown, sum } from '../../cli/explain/notation.js';
import { traceRow } from '../../cli/explain/row-trace.js';
import type { OutputActivationName } from '../../model/activations.js';
import { ACTIVATION_NAMES } from '../../model/activations.js';
import { artifactText } from '../../model/artifact.js';
import { networkFileText } from '../../model/network-text.js';
import type { DenseLayer, Network } from '../../model/network.js';
import { createRandom } from '../../model/random.js';
import type { LossName } from '../../trainer/loss.js';
import { LOSSES } from '../../trainer/loss.js';
import { folderWith, runCli, runFailing, runJson } from './run-cli.js';

const SETTINGS: CostSettings = {
  loss: 'mse',
  l2: 0.5,
  l1: 0,
  labelSmoothing: 0,
  rows: 4,
  leftOut: [],
};
const TRAINING = { options: { loss: 'mse', l2: 0.5 }, rows: 4 };

function networkOf(layers: readonly DenseLayer[], changes: Partial<Network> = {}): Network {
  const { inputs } = layers[0];
  return {
    name: 'tiny',
    features: Array.from({ length: inputs }, (_, i) => `x${i + 1}`),
    classes: ['no', 'yes'],
    targets: null,
    input: { rawType: 'int16', decimals: [0], mean: [0], deviation: [1], lowest: [-9], highest: [9] },
    layers,
    precision: { weightBits: 8, activationBits: 7, accumulator: 'auto' },
    training: TRAINING,
    ...changes,
  };
}

/** Two inputs, two ReLU neurons, one output: small enough to go through with a pencil. */
function pencilNetwork(output: OutputActivationName, training: Network['training'] = TRAINING): Network {
  const hidden: DenseLayer = {
    inputs: 2,
    outputs: 2,
    weights: Float64Array.of(0.5, -0.25, -1, 0.25),
    bias: Float64Array.of(0.25, 0.5),
    activation: 'relu',
    range: { low: -5, high: 5 },
  };
  const last: DenseLayer = {
    inputs: 2,
    outputs: 1,
    weights: Float64Array.of(2, 3),
    bias: Float64Array.of(-0.5),
    activation: output,
    range: null,
  };
  const input = {
    rawType: 'int16',
    decimals: [0, 0],
    mean: [1, 1],
    deviation: [1, 2],
    lowest: [-9, -9],
    highest: [9, 9],
  } as const;
  return networkOf([hidden, last], { input, training });
}

function randomNetwork(
  units: readonly number[],
  hidden: OutputActivationName,
  output: OutputActivationName,
): Network {
  const random = createRandom(7);
  const layers = units.slice(1).map((outputs, l): DenseLayer => {
    const inputs = units[l];
    const isOutput = l === units.length - 2;
    return {
      inputs,
      outputs,
      weights: Float64Array.from({ length: inputs * outputs }, () => random.normal() / Math.sqrt(inputs)),
      bias: Float64Array.from({ length: outputs }, () => 0.3 * random.normal()),
      activation: isOutput ? output : hidden,
      range: isOutput ? null : { low: -5, high: 5 },
    };
  });
  const last = units[units.length - 1];
  return networkOf(layers, { classes: Array.from({ length: Math.max(last, 2) }, (_, k) => `class ${k}`) });
}

const rowOf = (network: Network): Float64Array => {
  const random = createRandom(3);
  return Float64Array.from(network.features, () => 2 * random.normal());
};

function linesOf(network: Network, settings: CostSettings, lang: Language): string[] {
  const trace = traceRow(network, rowOf(network), 1, settings);
  const colours = pc.createColors(false);
  return inLanguage(lang, () =>
    explanationLines({ network, trace, settings, row: 1, data: 'tiny', actual: 1, lang }, colours),
  );
}

/** Row 2 is the one that the numbers below were worked out for. */
const DATA = 'x1,x2,kind\n0,0,yes\n3,5,no\n3,5,yes\n';
const pencilFolder = (output: OutputActivationName, training?: Network['training']): string =>
  folderWith({
    'network.json': networkFileText(pencilNetwork(output, training)).text,
    'data.csv': DATA,
  });

describe('numbers worked out by hand', () => {
  it("the lecture's exercise, squared error", async () => {
    const { code, object } = await runJson(
      ['explain', 'network.json', 'data.csv', '--row', '2'],
      pencilFolder('identity'),
    );
    expect(code).toBe(0);
    expect(object).toMatchObject({
      row: 2,
      class: 'yes',
      label: 'no',
      input: [2, 2],
      target: [0],
      layers: [
        {
          z: [0.75, -1],
          a: [0.75, 0],
          delta: [2, 0],
          gradient: [
            [2, 4.0625, 3.96875],
            [0, -0.125, 0.03125],
          ],
        },
        { z: [1], a: [1], delta: [1], gradient: [[1, 1, 0.375]] },
      ],
      cost: 0.5,
      regularization: 0.8984375,
    });
    const { layers, gradient } = object as {
      layers: { gradient: number[][]; numericGradient: number[][] }[];
      gradient: { largestDifference: number };
    };
    for (const layer of layers) {
      const numeric = layer.numericGradient.flat();
      layer.gradient.flat().forEach((value, k) => expect(numeric[k]).toBeCloseTo(value, 7));
    }
    expect(gradient.largestDifference).toBeLessThan(1e-6);
  });

  it('cross-entropy with a sigmoid', async () => {
    const folder = pencilFolder('sigmoid', { options: { loss: 'cross-entropy', l2: 0 }, rows: 4 });
    const { object } = await runJson(['explain', 'network.json', 'data.csv', '--row', '3'], folder);
    const { layers, cost, regularization } = object as {
      layers: { delta: number[] }[];
      cost: number;
      regularization: number;
    };
    const y = 1 / (1 + Math.exp(-1));
    expect(cost).toBeCloseTo(-Math.log(y), 12);
    expect(regularization).toBe(0);
    expect(layers[1].delta[0]).toBeCloseTo(y - 1, 12);
    expect(layers[0].delta[0]).toBeCloseTo(2 * (y - 1), 12);
  });
});

describe('the text', () => {
  const folder = pencilFolder('identity');

  it.each([
    ['es', 'Propagación hacia atrás (backpropagation)'],
    ['en', 'Backpropagation'],
  ])('in %s', async (lang, title) => {
    const words = ['explain', 'network.json', 'data.csv', '--row', '2'];
    const [asked, byLocale] = await Promise.all([
      runCli([...words, '--lang', lang], folder),
      runCli(words, folder, { LANG: `${lang}_MX.UTF-8` }),
    ]);
    expect(asked.stderr).toBe('');
    expect(byLocale.stdout).toBe(asked.stdout);
    const lines = stripVTControlCharacters(asked.stdout).split('\n');
    for (const line of [
      title,
      '    z_1^(2) = w_10·1 + w_11·a_1^(1) + w_12·a_2^(1)',
      '            = 0.25·1 + 0.5·2 + (−0.25)·2 = 0.75',
      '    z^(2) = W^(1) a^(1) + b = (0.75, −1)',
      '    a^(2) = g(z^(2)) = (0.75, 0)',
      "    δ^(3) = (a^(3) − t)·g'(z^(3))",
      '    δ_1^(3) = (1 − 0)·1 = 1',
      "    δ^(2) = (W^(2))ᵀ δ^(3) · g'(z^(2))",
      '            = (2·1)·1 = 2',
      '    i = 1      2      4      4',
      '    J = ½ Σ_k (t_k − a_k)² = 0.5',
    ])
      expect(lines).toContain(line);
    expect(asked.stdout).toContain('λ/2n ΣW² = 0.5/(2·4)·14.38 = 0.8984');
  });

  it('shows L1 and smoothed labels in every formula that they change', () => {
    const options = { loss: 'mse', l2: 0.5, l1: 0.25, labelSmoothing: 0.2 };
    const network = pencilNetwork('identity', { options, rows: 4 });
    const settings = costSettings(network, 'network.json');
    const trace = traceRow(network, Float64Array.of(3, 5), 0, settings);
    for (const lang of ['es', 'en'] as const) {
      const facts = { network, trace, settings, row: 1, data: 'tiny', actual: 0, lang };
      const lines = inLanguage(lang, () => explanationLines(facts, pc.createColors(false)));
      for (const line of [
        '    y := y + s·(u − y),  s = 0.2,  u = 0.5',
        '    δ_1^(3) = (1 − 0.1)·1 = 0.9',
        '    λ₁/n Σ|W| = 0.25/4·7 = 0.4375',
        `    J + λ/2n ΣW² + λ₁/n Σ|W| = 1.741   (${lang === 'es' ? 'en total' : 'together'})`,
        '    ∂J/∂w_ij^(l) = Δ_ij^(l) + λ/n·w_ij^(l) + λ₁/n·sign(w_ij^(l))',
      ]) {
        expect(lines).toContain(line);
      }
      expect(lines.join('\n')).toContain('λ = 0.5, λ₁ = 0.25, n = 4');
      expect(lines.join('\n')).not.toMatch(/also used|además/);
    }
    // J = ½·0.9²; δ^(3) = 0.9 and δ^(2) = 2·0.9; λ/n·w = w/8, λ₁/n·sign(w) = ±1/16
    expect(trace.cost).toBeCloseTo(0.405, 12);
    expect(trace.regularization).toBe(0.8984375 + 0.4375);
    [1.8, 3.6 + 0.0625 + 0.0625, 3.6 - 0.03125 - 0.0625].forEach((value, k) =>
      expect(trace.layers[0].gradient[0][k]).toBeCloseTo(value, 12),
    );
  });

  it("names what the training used beyond the lecture's cost", async () => {
    const options = { loss: 'mse', l2: 0, dropout: 0, inputNoise: 0.25, classWeights: 'balanced' };
    const { stdout } = await runCli(
      ['explain', 'network.json', 'data.csv', '--row', '1', '--lang', 'en'],
      pencilFolder('identity', { options, rows: 4 }),
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain('also used inputNoise 0.25, classWeights balanced, which');
    expect(stdout).not.toContain('dropout');
  });

  it('says the same formulas in both languages', () => {
    const formulas = (lang: Language): string[] =>
      linesOf(
        randomNetwork([12, 9, 3], 'tanh', 'softmax'),
        { ...SETTINGS, loss: 'cross-entropy', l1: 0.1, labelSmoothing: 0.1 },
        lang,
      )
        .filter((line) => line.startsWith('    ') && line.includes('='))
        .map((line) => line.replace(/ {2,}\(.*| *\(\d+ t.*/, ''));
    expect(formulas('es')).toEqual(formulas('en'));
    expect(formulas('es').length).toBeGreaterThan(40);
  });

  it.each(['es', 'en'] as const)('keeps to 80 columns in %s, whatever the network', (lang) => {
    const cases = [
      linesOf(randomNetwork([4, 8, 3], 'relu', 'softmax'), { ...SETTINGS, loss: 'cross-entropy' }, lang),
      linesOf(randomNetwork([40, 20, 12, 11], 'tanh', 'sigmoid'), SETTINGS, lang),
      linesOf(randomNetwork([2, 3, 1], 'step', 'step'), SETTINGS, lang),
      linesOf(
        randomNetwork([2, 3, 2], 'tanh', 'sigmoid'),
        { ...SETTINGS, rows: 60_000, l1: 0.001234, labelSmoothing: 0.05 },
        lang,
      ),
    ];
    for (const line of cases.flat()) {
      expect([...line].length, line).toBeLessThanOrEqual(80);
      expect(line).toBe(line.trimEnd());
      expect(line).not.toMatch(/NaN|undefined|Infinity/);
    }
    expect(cases[1].join('\n')).toContain('+ … +');
  });
});

describe('the notation', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [-2.5, '−2.5'],
    [0.123456, '0.1235'],
    [12345.6, '12350'],
    [-1.23456e-9, '−1.235e−9'],
  ])('%d is %s', (value, text) => expect(number(value)).toBe(text));

  it('shortens what is long', () => {
    expect(shown(8, String)).toHaveLength(8);
    expect(shown(9, String)).toEqual(['0', '1', '2', '…', '8']);
  });

  it('breaks sums between terms', () => {
    const terms = Array.from({ length: 8 }, (_, k) => `1234567890${k}`);
    const lines = sum('  z', terms, '= 3');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(' ').replace(/\s+/g, ' ').trim()).toBe(`z = ${terms.join(' + ')} = 3`);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {6}\S/);
  });
});

/** Every hidden activation, then every loss with every output it goes with. */
const SMOOTH = ACTIVATION_NAMES.filter((name) => name !== 'step');
const CHECKS: [OutputActivationName, OutputActivationName, LossName][] = [
  ...SMOOTH.map((hidden) => [hidden, 'softmax', 'cross-entropy'] as [typeof hidden, 'softmax', LossName]),
  ...(Object.keys(LOSSES) as LossName[]).flatMap((loss) =>
    LOSSES[loss].outputs
      .filter((output) => output !== 'step')
      .map((output) => ['tanh', output, loss] as ['tanh', typeof output, LossName]),
  ),
];

describe('a forward and a backward pass', () => {
  it.each(CHECKS)(
    '%s, then %s under %s: both forms of z agree, and the gradient is right',
    (hidden, output, loss) => {
      const network = randomNetwork([3, 5, 4, 3], hidden, output);
      const trace = traceRow(network, rowOf(network), 1, { ...SETTINGS, loss });
      for (const { z, zByElement } of trace.layers)
        zByElement.forEach((value, i) => expect(Math.abs(value - z[i])).toBeLessThan(1e-12));
      expect(trace.largestDifference).toBeLessThan(1e-6);
      for (const { gradient, numeric } of trace.layers) {
        const largest = Math.max(...gradient.map((row) => Math.max(...row.map(Math.abs))), 1e-10);
        gradient.forEach((row, i) =>
          row.forEach((value, j) => expect(Math.abs(value - numeric[i][j]) / largest).toBeLessThan(1e-6)),
        );
      }
    },
  );

  it.each([
    ['softmax', 'cross-entropy'],
    ['sigmoid', 'cross-entropy'],
    ['tanh', 'mse'],
  ] as const)('%s under %s: the gradient is right with L1 and smoothed labels', (output, loss) => {
    const network = randomNetwork([3, 5, 4, 3], 'tanh', output);
    const [{ weights }] = network.layers;
    weights.set([0, 4e-6, -4e-6]); // |w| has no slope at 0, and no difference quotient beside it
    const settings = { ...SETTINGS, loss, l1: 0.3, labelSmoothing: 0.1 };
    const trace = traceRow(network, rowOf(network), 1, settings);
    expect(trace.largestDifference).toBeLessThan(1e-6);
    const numeric = trace.layers.flatMap((layer) => layer.numeric.flatMap((row) => [...row]));
    expect(numeric.filter(Number.isNaN)).toHaveLength(2);
    const plain = traceRow(network, rowOf(network), 1, { ...settings, l1: 0, labelSmoothing: 0 });
    expect(trace.cost).not.toBe(plain.cost);
    expect(trace.regularization).toBeGreaterThan(plain.regularization);
  });

  it.each([
    ['step', 'sigmoid'],
    ['tanh', 'step'],
  ] as const)('%s, then %s: no check, because a step has no slope', (hidden, output) => {
    const network = randomNetwork([3, 4, 1], hidden, output);
    expect(traceRow(network, rowOf(network), 1, SETTINGS).largestDifference).toBeNull();
  });

  it('checks only some entries of a large layer', async () => {
    const network = randomNetwork([60, 30, 2], 'tanh', 'softmax');
    const { layers, largestDifference } = traceRow(network, rowOf(network), 1, {
      ...SETTINGS,
      loss: 'cross-entropy',
    });
    const entries = layers[0].numeric.flatMap((row) => [...row]);
    const checked = entries.filter((value) => !Number.isNaN(value)).length;
    expect(checked).toBeGreaterThan(300);
    expect(checked).toBeLessThan(600);
    expect(largestDifference).toBeLessThan(1e-6);
    const folder = folderWith({
      'network.json': networkFileText({
        ...network,
        training: { options: { loss: 'cross-entropy', l2: 0 }, rows: 4 },
      }).text,
      'data.csv': `${network.features.join(',')},kind\n${'1,'.repeat(60)}class 1\n`,
    });
    const { object } = await runJson(['explain', 'network.json', 'data.csv', '--row', '1'], folder);
    const [first] = object.layers as { numericGradient: (number | null)[][] }[];
    expect(first.numericGradient.flat().filter((value) => value === null)).toHaveLength(1830 - checked);
  });
});

describe('faults', () => {
  const network = (training: Network['training']): string =>
    networkFileText(pencilNetwork('identity', training)).text;
  const folder = folderWith({
    'network.json': network(TRAINING),
    'silent.json': network({}),
    'no-rows.json': network({ options: TRAINING.options }),
    'odd.json': network({ options: { loss: 'cross-entropy', l2: 0 }, rows: 4 }),
    'model.json': artifactText('model', {}).text,
    'data.csv': DATA,
    'unlabelled.csv': 'x1,x2\n1,2\n',
  });

  it.each([
    ['a row beyond the last', ['network.json', 'data.csv', '--row', '4'], 2, 'row-out-of-range', 'rows 1..3'],
    ['row 0', ['network.json', 'data.csv', '--row', '0'], 2, 'bad-value', '--row is'],
    ['half a row', ['network.json', 'data.csv', '--row', '1.5'], 2, 'bad-value', '--row is'],
    ['no row', ['network.json', 'data.csv'], 2, 'missing-option', '--row'],
    [
      'another language',
      ['network.json', 'data.csv', '--row', '1', '--lang', 'fr'],
      2,
      'bad-value',
      'en, es',
    ],
    ['no labels', ['network.json', 'unlabelled.csv', '--row', '1'], 1, 'missing-label-column', 'label'],
    ['an integer model', ['model.json', 'data.csv', '--row', '1'], 1, 'wrong-kind', 'integer model'],
    ['no training', ['silent.json', 'data.csv', '--row', '1'], 1, 'unknown-cost', 'training.options'],
    ['no n', ['no-rows.json', 'data.csv', '--row', '1'], 1, 'unknown-cost', 'training.rows'],
    ['a cost for other outputs', ['odd.json', 'data.csv', '--row', '1'], 1, 'unknown-cost', 'identity'],
  ])('%s', async (_name, words, exit, code, message) => {
    const failed = await runFailing(['explain', ...words], folder);
    expect(failed).toMatchObject({ exit, error: { code } });
    expect(failed.error.message).toContain(message);
  });
});
