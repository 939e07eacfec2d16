import { t } from '../../model/messages.js';
import { textTable } from '../text-table.js';
import type { CostSettings } from './cost-settings.js';
import { factor, number, prose, shown, shownIndices, sum, unit, vector, weight } from './notation.js';
import type { LayerTrace, RowTrace } from './row-trace.js';

/** Columns of Δ that fit beside one another. */
const MOST_COLUMNS = 6;

/** What follows `δ^(L) = `, and why. */
function outputRule({ layer }: LayerTrace, { loss }: CostSettings): { hasSlope: boolean; why: string } {
  if (loss === 'cross-entropy')
    return {
      hasSlope: false,
      why: t`The cost is cross-entropy: its ∂J/∂a times g'(z) leaves a − y, for sigmoid and softmax outputs alike.`,
    };
  if (layer.activation === 'step')
    return {
      hasSlope: false,
      why: t`The output is a step, which has no slope to follow: δ = a − y makes ΔW ∝ (y − a)·x, Rosenblatt's rule.`,
    };
  return {
    hasSlope: true,
    why: t`The cost is J = ½ Σ (t − a)², the lecture's exercise: here nothing cancels, so the factor g'(z) stays (t = y).`,
  };
}

function outputDeltaLines(trace: RowTrace, settings: CostSettings): string[] {
  const { layers, target } = trace;
  const L = layers.length + 1;
  const last = layers[layers.length - 1];
  const { hasSlope, why } = outputRule(last, settings);
  const slope = hasSlope ? last.slope : null;
  const neuron = (i: number): string[] => {
    const error = `${number(last.a[i])} − ${factor(target[i])}`;
    const product = slope ? `(${error})·${factor(slope[i])}` : error;
    return [`    ${unit('δ', i + 1, L)} = ${product} = ${number(last.delta[i])}`];
  };
  return [
    ...prose(why, 2),
    `    δ^(${L}) = ${hasSlope ? `(a^(${L}) − t)·g'(z^(${L}))` : `a^(${L}) − y`}`,
    ...shownIndices(last.delta.length).flatMap((i) => (i === null ? ['    …'] : neuron(i))),
  ];
}

/** δ_1^(2) = (w_11·δ_1^(3) + w_21·δ_2^(3))·g'(z_1^(2)), then with its numbers. */
function hiddenNeuronLines(own: LayerTrace, next: LayerTrace, l: number, j: number): string[] {
  const { inputs, outputs, weights } = next.layer;
  const wrap = (terms: string[]): string[] =>
    terms.map((term, k) => `${k === 0 ? '(' : ''}${term}${k === terms.length - 1 ? ')' : ''}`);
  const symbols = shown(outputs, (i) => `${weight(i + 1, j + 1)}·${unit('δ', i + 1, l + 1)}`);
  const values = shown(outputs, (i) => `${factor(weights[i * inputs + j])}·${factor(next.delta[i])}`);
  const delta = unit('δ', j + 1, l);
  const slope = own.slope ? factor(own.slope[j]) : '';
  const isLong = symbols.length < outputs;
  const dot = (terms: string[], last: string): string[] => [
    ...terms.slice(0, -1),
    `${terms[terms.length - 1]}·${last}`,
  ];
  return [
    ...sum(
      `    ${delta}`,
      dot(wrap(symbols), `g'(${unit('z', j + 1, l)})`),
      isLong ? t`(${outputs} terms)` : '',
    ),
    ...sum(' '.repeat(4 + delta.length), dot(wrap(values), slope), `= ${number(own.delta[j])}`),
  ];
}

function hiddenDeltaLines(layers: readonly LayerTrace[], index: number): string[] {
  const own = layers[index];
  const l = index + 2;
  const neurons = shownIndices(own.delta.length);
  const skipped = own.delta.length - neurons.filter((j) => j !== null).length;
  return [
    '',
    `    δ^(${l}) = (W^(${l}))ᵀ δ^(${l + 1}) · g'(z^(${l}))`,
    ...neurons.flatMap((j) =>
      j === null
        ? [`    ${t`… and ${skipped} more in the same way`}`]
        : hiddenNeuronLines(own, layers[index + 1], l, j),
    ),
    ...vector(`    δ^(${l})`, own.delta),
  ];
}

function accumulatedLines({ accumulated }: LayerTrace, l: number): string[] {
  const columns = shownIndices(accumulated[0].length, MOST_COLUMNS);
  const header = columns.map((j) => (j === null ? '…' : `j = ${j}`));
  const rows = shownIndices(accumulated.length).map((i) =>
    i === null
      ? ['    …']
      : [`    i = ${i + 1}`, ...columns.map((j) => (j === null ? '…' : number(accumulated[i][j])))],
  );
  const shape = `${accumulated.length} × ${accumulated[0].length}`;
  return [
    '',
    `    Δ_ij^(${l}) = a_j^(${l}) δ_i^(${l + 1})   (${shape}; ${t`j = 0 is the bias`})`,
    ...textTable([['', ...header], ...rows], ['left', 'right']),
  ];
}

export function backwardLines(trace: RowTrace, settings: CostSettings): string[] {
  const { layers } = trace;
  const hidden = layers.slice(0, -1).map((_, index) => index);
  return [
    ...outputDeltaLines(trace, settings),
    ...hidden.reverse().flatMap((index) => hiddenDeltaLines(layers, index)),
    '',
    ...prose(t`δ^(1): none. The input layer has no error of its own to correct.`, 4),
    '',
    `  ${t`What the row adds to Δ`}:`,
    ...layers.flatMap((layer, index) => accumulatedLines(layer, index + 1)),
  ];
}
