import { t } from '../../../model/messages.js';
import { weightMaximum } from '../../../model/quantized-model.js';
import { measure } from '../../score-lines.js';
import { grouped, percent } from '../../text-table.js';
import { countTicks, histogram, type Bar } from '../histogram.js';
import { imageSizeOf } from '../image-size.js';
import { markup, phrase, type Html } from '../markup.js';
import { signedPicture } from '../picture.js';
import { COLOURS, figure, figures, Plot } from '../plot.js';
import type { Subject } from '../subject.js';
import { quantizedLayers } from '../scales.js';
import type { Section } from './section.js';

const FLOAT_BINS = 60;
/** Up to this many steps the grid is drawn; more would be a grey area. */
const MOST_GRID_LINES = 31;

/** How often each integer stands among the weights, a bar of width 1 around it. */
function integerBars(weights: Int8Array, limit: number): Bar[] {
  const counts = new Uint32Array(2 * limit + 1);
  for (const weight of weights) counts[weight + limit]++;
  return Array.from(counts, (count, k) => ({ from: k - limit - 0.5, to: k - limit + 0.5, count })).filter(
    ({ count }) => count > 0,
  );
}

function weightFigure(
  id: string,
  title: string,
  bars: readonly Bar[],
  x: Plot.ScaleOptions,
  more: Plot.Markish[],
  caption: string,
) {
  return figure({
    id,
    title,
    caption,
    plot: {
      height: 190,
      marginLeft: 48,
      x,
      y: { label: t`weights`, ticks: countTicks(bars, 4), tickFormat: ',d', grid: true },
      marks: [
        Plot.rectY(bars, { x1: 'from', x2: 'to', y: 'count', fill: COLOURS.first }),
        ...more,
        Plot.ruleY([0]),
      ],
    },
  });
}

function floatFigure(subject: Subject, l: number): Html[] {
  const layer = subject.found?.network.layers[l];
  if (!layer) return [];
  const { weightScale } = quantizedLayers(subject.found.network)[l];
  const steps = [...weightScale];
  const [finest, coarsest] = [steps.reduce((a, b) => Math.min(a, b)), steps.reduce((a, b) => Math.max(a, b))];
  const limit = weightMaximum(subject.model.layers[l].weightBits);
  const reach = layer.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1e-30);
  const isOneGrid = coarsest <= finest * 1.000001;
  const grid = Array.from({ length: 2 * limit + 1 }, (_, k) => (k - limit) * finest).filter(
    (value) => Math.abs(value) <= reach,
  );
  const rules =
    isOneGrid && grid.length <= MOST_GRID_LINES
      ? [Plot.ruleX(grid, { stroke: COLOURS.second, strokeWidth: 0.7 })]
      : [];
  const caption = isOneGrid
    ? rules.length > 0
      ? t`One step of the grid is ${measure(finest)} (the lines), its ends ±${measure(limit * finest)}.`
      : t`One step of the grid is ${measure(finest)}, its ends ±${measure(limit * finest)}.`
    : t`Each neuron has a grid of its own: one step is ${measure(finest)} to ${measure(coarsest)}.`;
  return [
    weightFigure(
      `float-weights-${l + 1}`,
      t`Layer ${l + 1}: real weights`,
      histogram(layer.weights, -reach, reach, FLOAT_BINS),
      { label: t`weight`, ticks: 5 },
      rules,
      caption,
    ),
  ];
}

function integerFigure({ model }: Subject, l: number): Html {
  const { weights, weightBits } = model.layers[l];
  const limit = weightMaximum(weightBits);
  const reach = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), Math.min(limit, 7));
  const zeros = weights.reduce((count, weight) => count + (weight === 0 ? 1 : 0), 0);
  const ends = weights.reduce((count, weight) => count + (Math.abs(weight) === limit ? 1 : 0), 0);
  return weightFigure(
    `integer-weights-${l + 1}`,
    t`Layer ${l + 1}: integer weights, ${weightBits} bits`,
    integerBars(weights, limit),
    {
      label: t`integer`,
      domain: [-reach - 0.5, reach + 0.5],
      ticks: [-reach, -Math.round(reach / 2), 0, Math.round(reach / 2), reach],
    },
    [],
    t`${grouped(weights.length)} weights of −${limit}..${limit}: ${percent(zeros / weights.length)} are 0, ${percent(ends / weights.length)} stand at ±${limit}.`,
  );
}

const MOST_PICTURES = 64;

/** What each neuron of the first layer looks for in an image. */
function pictures(subject: Subject): Html | null {
  const size = imageSizeOf(subject);
  if (!size) return null;
  const { inputs, outputs, weights } = subject.model.layers[0];
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 1);
  const list = Array.from({ length: Math.min(outputs, MOST_PICTURES) }, (_, n) => {
    const own = weights.subarray(n * inputs, (n + 1) * inputs);
    return markup`<figure>${signedPicture(size, own, largest, t`weights of neuron ${n + 1}`)}${n + 1}</figure>`;
  });
  return markup`<p id="weight-pictures">${phrase`<b>The first layer's weights as pictures</b>, one for each neuron: blue is above 0, orange below.`}</p>
<div class="pictures">${list}</div>`;
}

export const weights: Section = (subject) => ({
  title: t`Weights`,
  body: markup`${figures(
    subject.model.layers.flatMap((_, l) => [...floatFigure(subject, l), integerFigure(subject, l)]),
  )}${pictures(subject)}`,
});
