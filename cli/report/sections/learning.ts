import { z } from 'zod';
import { log, powerOfTen } from '../../../model/elementary.js';
import { t } from '../../../model/messages.js';
import { grouped } from '../../text-table.js';
import { markup } from '../markup.js';
import { COLOURS, figure, figures, percentTick, Plot } from '../plot.js';
import type { Section } from './section.js';

const column = z.array(z.number()).optional();
const trainingSchema = z.object({
  bestEpoch: z.number().optional(),
  history: z.object({
    epoch: z.array(z.number()).min(1),
    loss: z.array(z.number()).min(1),
    accuracy: column,
    validationLoss: column,
    validationAccuracy: column,
  }),
});

/** From this ratio of its largest to its least value on, a curve is read from its magnitudes. */
const LOGARITHMIC_RATIO = 30;

interface Curve {
  readonly word: string;
  readonly colour: string;
  readonly points: { readonly x: number; readonly y: number }[];
}

function curvesOf(
  epochs: readonly number[],
  training: readonly number[] | undefined,
  heldOut: readonly number[] | undefined,
): Curve[] {
  const curve = (word: string, colour: string, values: readonly number[] | undefined): Curve[] =>
    values && values.length === epochs.length
      ? [{ word, colour, points: epochs.map((x, i) => ({ x, y: values[i] })) }]
      : [];
  return [
    ...curve(t`training rows`, COLOURS.first, training),
    ...curve(t`rows held out`, COLOURS.second, heldOut),
  ];
}

function curveFigure(
  id: string,
  title: string,
  curves: readonly Curve[],
  last: number,
  kept: number | undefined,
  y: Plot.ScaleOptions & { readonly tickFormat?: string | typeof percentTick },
) {
  return figure({
    id,
    title,
    legend: curves.map(({ colour, word }) => [colour, word]),
    plot: {
      x: { label: t`epoch`, ticks: Math.min(6, last - 1), tickFormat: ',d' },
      y: { label: null, ticks: 5, grid: true, ...y },
      marginLeft: 48,
      marks: [
        ...curves.map(({ points, colour }) => Plot.lineY(points, { x: 'x', y: 'y', stroke: colour })),
        // A lone epoch makes no line.
        ...curves.flatMap(({ points, colour }) =>
          points.length === 1 ? [Plot.dot(points, { x: 'x', y: 'y', fill: colour })] : [],
        ),
        ...(kept === undefined
          ? []
          : [Plot.ruleX([kept], { stroke: COLOURS.quiet, strokeDasharray: '4 3' })]),
      ],
    },
  });
}

/** From the one below a range to the last within it. */
function powersOfTen(least: number, most: number): number[] {
  const first = Math.floor(log(least) / log(10));
  const count = Math.floor(log(most) / log(10)) - first + 1;
  return Array.from({ length: count }, (_, k) => powerOfTen(first + k));
}

export const learning: Section = ({ found }) => {
  if (!found) return null;
  const parsed = trainingSchema.safeParse(found.network.training);
  if (!parsed.success) return null;
  const { history, bestEpoch } = parsed.data;
  const { epoch } = history;
  const losses = curvesOf(epoch, history.loss, history.validationLoss);
  const values = losses.flatMap(({ points }) => points.map(({ y }) => y));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isLogarithmic = least > 0 && most / least > LOGARITHMIC_RATIO;
  const powers = isLogarithmic ? powersOfTen(least, most) : [];
  const scale: Plot.ScaleOptions & { tickFormat?: string | typeof percentTick } = isLogarithmic
    ? { type: 'log', ticks: powers, domain: [powers[0], most], tickFormat: '~g' }
    : { zero: true };
  const accuracies = curvesOf(epoch, history.accuracy, history.validationAccuracy);
  const last = epoch[epoch.length - 1];
  const kept = bestEpoch === undefined ? [] : [t`The network of epoch ${grouped(bestEpoch)} was kept.`];
  return {
    title: t`Learning`,
    body: markup`${figures([
      curveFigure('learning-loss', t`Cost by epoch`, losses, last, bestEpoch, scale),
      ...(accuracies.length > 0
        ? [
            curveFigure('learning-accuracy', t`Accuracy by epoch`, accuracies, last, bestEpoch, {
              tickFormat: percentTick,
            }),
          ]
        : []),
    ])}<p class="note">${[t`${grouped(last)} epochs; each point is the mean over an epoch while it went on.`, ...kept].join(' ')}</p>`,
  };
};
