import { m, say, t, type Language, type Message } from '../../model/messages.js';
import { architecture, type Network } from '../../model/network.js';
import { targetValues } from '../../model/target-scaling.js';
import type { LossName } from '../../trainer/loss.js';
import type { Colours } from '../output.js';
import { textTable } from '../text-table.js';
import { backwardLines } from './backward-lines.js';
import type { CostSettings } from './cost-settings.js';
import { costLines, gradientLines } from './cost-lines.js';
import { number } from './notation.js';
import { forwardLines, inputLines } from './forward-lines.js';
import type { RowTrace } from './row-trace.js';

export interface Explained {
  readonly network: Network;
  readonly trace: RowTrace;
  readonly settings: CostSettings;
  /** Counts from 1. */
  readonly row: number;
  /** Name of the data set. */
  readonly data: string;
  /** What the data says: the index of the class, or the values of the targets (targets,). */
  readonly actual: number | Float64Array;
  readonly lang: Language;
}

const LOSS_NAMES = {
  'cross-entropy': m`cross-entropy`,
  mse: m`squared error`,
} as const satisfies Readonly<Record<LossName, Message>>;

const list = (values: Float64Array): string => Array.from(values, number).join(', ');

/** (targets,) in their own units; none in a classification. */
function predictedValues({ targets }: Network, { layers }: RowTrace): Float64Array {
  return targets ? targetValues(targets, layers[layers.length - 1].a) : new Float64Array(0);
}

/** The text for people, in the order in which the lecture goes. */
export function explanationLines(
  { network, trace, settings, row, data, actual }: Explained,
  { bold, green, red }: Colours,
): string[] {
  const { classes } = network;
  const verdict = trace.decided === actual ? green(t`right`) : red(t`wrong`);
  const predicted = predictedValues(network, trace);
  const outcome =
    typeof actual === 'number'
      ? [
          [`  ${t`label`}`, classes[actual]],
          [`  ${t`decision`}`, `${classes[trace.decided]} (${verdict})`],
        ]
      : [
          [`  ${t`target`}`, `${list(actual)}   ${t`(standardised: t = ${list(trace.target)})`}`],
          [`  ${t`prediction`}`, list(predicted)],
        ];
  const { loss, l2, l1, rows } = settings;
  const facts = [
    [`  ${t`network`}`, architecture(network.layers)],
    [`  ${t`cost`}`, `${say(LOSS_NAMES[loss])}, λ = ${l2}, ${l1 > 0 ? `λ₁ = ${l1}, ` : ''}n = ${rows}`],
    ...outcome,
  ];
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [t`Input: a^(1) = x`, inputLines(network, trace)],
    [t`Forward propagation`, forwardLines(network, trace, settings)],
    [t`Backpropagation`, backwardLines(trace, settings)],
    [t`Cost of this row`, costLines(trace, settings)],
    [t`Gradient`, gradientLines(trace, settings)],
  ];
  return [
    bold(t`Row ${row} of ${data}, forwards and backwards`),
    ...textTable(facts, ['left']),
    ...sections.flatMap(([title, lines]) => ['', bold(title), ...lines]),
  ];
}

const rowsOf = (matrix: readonly Float64Array[]): (number | null)[][] =>
  matrix.map((row) => Array.from(row, (value) => (Number.isNaN(value) ? null : value)));

/** What one layer of weights made of the row. */
export interface LayerExplanation {
  /** (outputs,) */
  readonly z: readonly number[];
  readonly a: readonly number[];
  readonly delta: readonly number[];
  /** (outputs, 1 + inputs), the bias first. */
  readonly gradient: readonly (readonly (number | null)[])[];
  /** The same by central differences; null marks what was not checked. */
  readonly numericGradient: readonly (readonly (number | null)[])[];
}

/** The object of `neurona explain --json`. */
export interface ExplanationObject {
  /** Counts from 1. */
  readonly row: number;
  readonly lang: Language;
  /** The decision and what the data say; a regression has numbers instead. */
  readonly class?: string;
  readonly label?: string;
  /** (targets,) in their own units; a classification has classes instead. */
  readonly predicted?: readonly number[];
  readonly actual?: readonly number[];
  /** (features,) standardised. */
  readonly input: readonly number[];
  /** (outputs,) y */
  readonly target: readonly number[];
  readonly layers: readonly LayerExplanation[];
  /** J of the row, without its regularisation. */
  readonly cost: number;
  readonly regularization: number;
  /** Relative to the largest entry of its layer; null where an activation has no derivative. */
  readonly gradient: { readonly largestDifference: number | null };
}

export function explanationObject({ network, trace, row, actual, lang }: Explained): ExplanationObject {
  return {
    row,
    lang,
    ...(typeof actual === 'number'
      ? { class: network.classes[trace.decided], label: network.classes[actual] }
      : { predicted: [...predictedValues(network, trace)], actual: [...actual] }),
    input: [...trace.input],
    target: [...trace.target],
    layers: trace.layers.map(({ z, a, delta, gradient, numeric }) => ({
      z: [...z],
      a: [...a],
      delta: [...delta],
      gradient: rowsOf(gradient),
      numericGradient: rowsOf(numeric),
    })),
    cost: trace.cost,
    regularization: trace.regularization,
    gradient: { largestDifference: trace.largestDifference },
  };
}
