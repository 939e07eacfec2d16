import { featureRanges } from '../feature-ranges.js';
import { inferRows } from '../../../model/infer-rows.js';
import { decide, scaleOutputs } from '../../../model/infer.js';
import { t } from '../../../model/messages.js';
import type { QuantizedModel } from '../../../model/quantized-model.js';
import { unitValues } from '../../../model/target-scaling.js';
import { measure } from '../../score-lines.js';
import { minus } from '../../text-table.js';
import { classColour, COLOURS, figure, figures, Plot } from '../plot.js';
import { type MeasuredPart, partName, type Subject, tellingPart } from '../subject.js';
import type { Section } from './section.js';

/** Points of the plane that are asked for, along each axis. */
const GRID = 120;
/** Shades of a predicted number; more could not be told apart. */
const SHADES = 12;
const MOST_DOTS = 800;

interface Run {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
  readonly what: number;
}

type Range = readonly [lowest: number, highest: number];

/** The middles of GRID steps over a range. */
const middles = ([lowest, highest]: Range): Float64Array =>
  Float64Array.from({ length: GRID }, (_, k) => lowest + ((k + 0.5) * (highest - lowest)) / GRID);

/** (points,) of (points, features): the class; for a regression the first target's value. */
function answers(model: QuantizedModel, values: Float64Array): Float64Array {
  const outputs = inferRows(model, values);
  const size = model.layers[model.layers.length - 1].outputs;
  return Float64Array.from({ length: outputs.length / size }, (_, r) => {
    const raw = outputs.subarray(r * size, (r + 1) * size);
    if (!model.targets) return decide(model, raw);
    return unitValues(model.targets.decimals, scaleOutputs(model.targets, raw))[0];
  });
}

/** Neighbours of a line that are alike become one rectangle. */
function runsOf(what: Float64Array, [x0, x1]: Range, [y0, y1]: Range): Run[] {
  const [width, height] = [(x1 - x0) / GRID, (y1 - y0) / GRID];
  const runs: Run[] = [];
  for (let j = 0; j < GRID; j++) {
    for (let i = 0, from = 0; i < GRID; i++) {
      const here = what[j * GRID + i];
      if (i + 1 < GRID && what[j * GRID + i + 1] === here) continue;
      runs.push({
        x1: x0 + from * width,
        x2: x0 + (i + 1) * width,
        y1: y0 + j * height,
        y2: y0 + (j + 1) * height,
        what: here,
      });
      from = i + 1;
    }
  }
  return runs;
}

function dotsOf({ data, predictions }: MeasuredPart) {
  const step = Math.ceil(data.rows / MOST_DOTS);
  return Array.from({ length: Math.ceil(data.rows / step) }, (_, k) => {
    const row = k * step;
    const label = data.labels?.[row] ?? 0;
    return {
      x: data.values[row * data.features.length],
      y: data.values[row * data.features.length + 1],
      target: data.targets ? data.targets.values[row * data.targets.names.length] : 0,
      colour: data.labels ? classColour(label) : COLOURS.second,
      isWrong: data.labels !== null && predictions.classes?.[row] !== label,
    };
  });
}

/** The plane of two features, as the integers see it. */
function plane({ model, parts }: Subject, part: MeasuredPart) {
  const [horizontal, vertical] = featureRanges(parts);
  const xs = middles(horizontal);
  const ys = middles(vertical);
  const points = new Float64Array(2 * GRID * GRID);
  for (let j = 0, k = 0; j < GRID; j++) {
    for (let i = 0; i < GRID; i++, k += 2) points.set([xs[i], ys[j]], k);
  }
  const values = answers(model, points);
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const shade = (value: number): number =>
    Math.min(Math.floor(((value - least) / (most - least || 1)) * SHADES), SHADES - 1);
  const { targets, classes } = model;
  const runs = runsOf(targets ? values.map(shade) : values, horizontal, vertical);
  const dots = dotsOf(part);
  return figure({
    id: 'regions',
    title: targets
      ? t`${targets.names[0]} over the two features, in integers`
      : t`Decision regions, in integers`,
    legend: targets ? [] : classes.map((word, k) => [classColour(k), word]),
    caption: targets
      ? t`From ${minus(measure(least))} (faint) to ${minus(measure(most))} (strong); the dots are the ${partName(part)} rows.`
      : t`The dots are the ${partName(part)} rows; a wrong one has a ring.`,
    plot: {
      height: 360,
      marginLeft: 52,
      x: { label: model.input.features[0], domain: [...horizontal], ticks: 6, nice: false },
      y: { label: model.input.features[1], domain: [...vertical], ticks: 6, nice: false },
      marks: [
        Plot.rect(runs, {
          x1: 'x1',
          x2: 'x2',
          y1: 'y1',
          y2: 'y2',
          fill: ({ what }: Run) => (targets ? COLOURS.first : classColour(what)),
          fillOpacity: ({ what }: Run) => (targets ? 0.08 + (0.5 * what) / (SHADES - 1) : 0.28),
          shapeRendering: 'crispEdges',
        }),
        Plot.dot(dots, { x: 'x', y: 'y', r: 2.6, fill: 'colour', stroke: 'currentColor', strokeWidth: 0.6 }),
        Plot.dot(
          dots.filter(({ isWrong }) => isWrong),
          { x: 'x', y: 'y', r: 6, stroke: COLOURS.bad, strokeWidth: 1.6 },
        ),
      ],
    },
  });
}

/** What a regression makes of its only feature. */
function curve({ model, parts }: Subject, part: MeasuredPart) {
  const [range] = featureRanges(parts);
  const xs = middles(range);
  const values = answers(model, xs);
  return figure({
    id: 'regions',
    title: t`${model.targets?.names[0] ?? ''} over ${model.input.features[0]}, in integers`,
    legend: [
      [COLOURS.first, t`predicted`],
      [COLOURS.second, t`${partName(part)} rows`],
    ],
    plot: {
      height: 300,
      marginLeft: 52,
      grid: true,
      x: { label: model.input.features[0], ticks: 6 },
      y: { label: model.targets?.names[0] ?? null, ticks: 6 },
      marks: [
        Plot.dot(
          dotsOf(part).map(({ x, target }) => ({ x, target })),
          { x: 'x', y: 'target', r: 2.4, fill: COLOURS.second, fillOpacity: 0.85 },
        ),
        Plot.line(
          Array.from(xs, (x, k) => ({ x, y: values[k] })),
          { x: 'x', y: 'y', stroke: COLOURS.first, strokeWidth: 2 },
        ),
      ],
    },
  });
}

export const regions: Section = (subject) => {
  const { model, parts } = subject;
  if (parts.length === 0) return null;
  const features = model.input.features.length;
  const part = tellingPart(parts);
  if (features === 2) return { title: t`What it decides`, body: figures([plane(subject, part)]) };
  if (features === 1 && model.targets)
    return { title: t`What it predicts`, body: figures([curve(subject, part)]) };
  return null;
};
