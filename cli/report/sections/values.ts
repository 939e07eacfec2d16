import { t } from '../../../model/messages.js';
import { countTicks, histogramOfSteps } from '../histogram.js';
import { figure, figures, COLOURS, Plot } from '../plot.js';
import { partName, tellingPart } from '../subject.js';
import type { Section } from './section.js';

const MOST_TARGETS = 6;
/** More dots would hide one another, and make a page of megabytes. */
const MOST_DOTS = 1500;
const BINS = 30;

/** Predicted numbers against those in the data, and the errors between them. */
export const values: Section = ({ model, parts }) => {
  if (parts.length === 0 || !model.targets) return null;
  const part = tellingPart(parts);
  const { data, predictions } = part;
  const name = partName(part);
  const { targets } = data;
  if (!targets || !predictions.values) return null;
  const predicted = predictions.values;
  const count = targets.names.length;
  const step = Math.ceil(data.rows / MOST_DOTS);
  const list = targets.names.slice(0, MOST_TARGETS).flatMap((target, k) => {
    const points = Array.from({ length: Math.ceil(data.rows / step) }, (_, r) => ({
      actual: targets.values[r * step * count + k],
      predicted: predicted[r * step * count + k],
    }));
    const all = points.flatMap((point) => [point.actual, point.predicted]);
    const ends = [Math.min(...all), Math.max(...all)];
    const errors = Array.from(
      { length: data.rows },
      (_, r) => predicted[r * count + k] - targets.values[r * count + k],
    );
    const decimals = Math.max(targets.decimals[k], model.targets?.decimals[k] ?? 0);
    const bars = histogramOfSteps(errors, Number(`1e${-decimals}`), BINS);
    return [
      figure({
        id: `predicted-${k}`,
        title: t`${target}: predicted against the data, ${name} rows`,
        plot: {
          height: 300,
          marginLeft: 56,
          grid: true,
          x: { label: t`in the data`, ticks: 6 },
          y: { label: t`predicted, in integers`, ticks: 6 },
          marks: [
            Plot.line(
              ends.map((end) => ({ x: end, y: end })),
              { x: 'x', y: 'y', stroke: COLOURS.quiet },
            ),
            Plot.dot(points, {
              x: 'actual',
              y: 'predicted',
              r: 2.2,
              fill: COLOURS.first,
              fillOpacity: 0.7,
            }),
          ],
        },
      }),
      figure({
        id: `errors-${k}`,
        title: t`${target}: errors, ${name} rows`,
        plot: {
          height: 300,
          x: { label: t`predicted − in the data`, ticks: 6 },
          y: { label: t`rows`, ticks: countTicks(bars, 5), tickFormat: ',d', grid: true },
          marks: [
            Plot.rectY(bars, { x1: 'from', x2: 'to', y: 'count', fill: COLOURS.first }),
            Plot.ruleY([0]),
            Plot.ruleX([0], { stroke: COLOURS.second, strokeDasharray: '4 3' }),
          ],
        },
      }),
    ];
  });
  return { title: t`Predicted numbers`, body: figures(list) };
};
