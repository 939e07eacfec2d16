import { entryOf, type Network } from '../../model/network.js';
import { t } from '../../model/messages.js';
import { textTable } from '../text-table.js';
import type { CostSettings } from './cost-settings.js';
import { factor, number, prose, shown, shownIndices, sum, unit, vector, weight } from './notation.js';
import type { LayerTrace, RowTrace } from './row-trace.js';

export function inputLines(network: Network, { raw, input }: RowTrace): string[] {
  const { mean, deviation } = network.input;
  const rows = shownIndices(raw.length).map((i) =>
    i === null
      ? ['  …']
      : [
          `  ${network.features[i].slice(0, 24)}`,
          number(raw[i]),
          number(entryOf(mean, i)),
          number(entryOf(deviation, i)),
          `${unit('a', i + 1, 1)} = ${number(input[i])}`,
        ],
  );
  const table = textTable(
    [['', t`value`, t`mean`, t`deviation`], ...rows],
    ['left', 'right', 'right', 'right', 'left'],
  );
  return [`  ${t`x is the feature, standardised: (value − mean) / deviation`}`, '', ...table];
}

/** z_1^(2) = w_10·1 + w_11·a_1^(1) + …, then the same with its numbers, then its value and a_1^(2). */
function neuronLines({ layer, before, zByElement, a }: LayerTrace, l: number, i: number): string[] {
  const { inputs, weights, bias } = layer;
  const count = inputs + 1;
  const w = (j: number): number => (j === 0 ? bias[i] : weights[i * inputs + j - 1]);
  const symbols = shown(count, (j) => `${weight(i + 1, j)}·${j === 0 ? '1' : unit('a', j, l)}`);
  const values = shown(count, (j) => `${factor(w(j))}·${j === 0 ? '1' : factor(before[j - 1])}`);
  const z = unit('z', i + 1, l + 1);
  const head = `    ${z}`;
  const blank = ' '.repeat(head.length);
  const isLong = symbols.length < count;
  const result = `= ${number(zByElement[i])}`;
  const activated =
    layer.activation === 'softmax' ? [] : [`    ${unit('a', i + 1, l + 1)} = g(${z}) = ${number(a[i])}`];
  return [
    ...sum(head, symbols, isLong ? t`(${count} terms)` : ''),
    ...sum(blank, values, result),
    ...activated,
  ];
}

function layerLines(trace: LayerTrace, l: number): string[] {
  const { layer, z, zByElement, a } = trace;
  const difference = z.reduce((most, value, i) => Math.max(most, Math.abs(value - zByElement[i])), 0);
  const neurons = shownIndices(layer.outputs);
  const skipped = layer.outputs - neurons.filter((i) => i !== null).length;
  const formula = `z^(${l + 1}) = W^(${l}) a^(${l}) + b`;
  return [
    '',
    `  ${t`Layer ${l} → ${l + 1}`}: W^(${l}) ${layer.outputs} × ${layer.inputs}, g = ${layer.activation}`,
    `  ${t`Element by element (w_i0 is the bias, a_0 = 1):`}`,
    ...neurons.flatMap((i) =>
      i === null ? [`    ${t`… and ${skipped} more in the same way`}`] : neuronLines(trace, l, i),
    ),
    `  ${t`In vector form:`}`,
    ...vector(`    ${formula}`, z),
    ...vector(`    a^(${l + 1}) = g(z^(${l + 1}))`, a),
    `  ${t`Both ways give the same z: they differ by ${number(difference)} at most.`}`,
  ];
}

/** The outputs beside their targets; in a classification a lone output neuron stands for the second class. */
function outputTable({ classes, targets }: Network, { layers, target }: RowTrace): string[] {
  const { a } = layers[layers.length - 1];
  const name = (k: number): string => targets?.names[k] ?? classes[a.length === 1 ? 1 : k];
  const rows = shownIndices(a.length).map((k) =>
    k === null ? ['    …'] : [`    ${name(k).slice(0, 24)}`, number(a[k]), number(target[k])],
  );
  return textTable([['', 'ŷ', 'y'], ...rows], ['left', 'right']);
}

export function forwardLines(
  network: Network,
  trace: RowTrace,
  { labelSmoothing: s }: CostSettings,
): string[] {
  const u = number(trace.unknown);
  return [
    ...trace.layers.flatMap((layer, index) => layerLines(layer, index + 1)),
    '',
    `  ${t`The output is ŷ = a^(L); the data says y:`}`,
    ...outputTable(network, trace),
    ...(s > 0
      ? [
          '',
          ...prose(t`Label smoothing has moved every y a part of the way to u, where nothing is known:`, 2),
          `    y := y + s·(u − y),  s = ${number(s)},  u = ${u}`,
        ]
      : []),
  ];
}
