import { log } from '../../../model/elementary.js';
import { t } from '../../../model/messages.js';
import { measure } from '../../score-lines.js';
import { percent } from '../../text-table.js';
import { markup, table } from '../markup.js';
import { layerErrors as errorsOf, type LayerError } from '../measure.js';
import { COLOURS, figure, figures, percentTick, Plot } from '../plot.js';
import { partName, tellingPart } from '../subject.js';
import type { Section } from './section.js';

/** 20 · log10(signal / error), in decibels */
function decibels({ signal, error }: LayerError): string {
  return error === 0 || signal === 0 ? '–' : `${((20 * log(signal / error)) / log(10)).toFixed(1)} dB`;
}

/** How far integers drift from floating point on the way through the layers. */
export const layerErrors: Section = ({ found, parts }) => {
  if (!found || parts.length === 0) return null;
  const part = tellingPart(parts);
  const errors = errorsOf(found.network, part.data);
  const last = errors.length - 1;
  const nameOf = (l: number): string =>
    l === 0 ? t`inputs` : l === last ? t`outputs (layer ${l})` : t`layer ${l}`;
  const bars = errors.map(({ signal, error }, l) => ({
    name: nameOf(l),
    share: signal === 0 ? 0 : error / signal,
  }));
  const rows = errors.map((entry, l) => [
    nameOf(l),
    measure(entry.signal),
    measure(entry.error),
    percent(bars[l].share),
    decibels(entry),
  ]);
  return {
    title: t`Error per layer`,
    body: markup`${figures([
      figure({
        id: 'layer-errors',
        title: t`Integers against floating point`,
        plot: {
          height: 60 + 30 * errors.length,
          marginLeft: 116,
          x: { label: t`error, as a share of the values`, tickFormat: percentTick, ticks: 5, grid: true },
          y: { label: null, domain: bars.map(({ name }) => name), tickSize: 0 },
          marks: [
            Plot.barX(bars, { x: 'share', y: 'name', fill: COLOURS.first, insetTop: 3, insetBottom: 3 }),
            Plot.ruleX([0]),
          ],
        },
      }),
      table([t`after`, t`values`, t`error`, t`share`, t`signal to error`], rows),
    ])}<p class="note">${t`Roots of the mean square over units and ${partName(part)} rows, each layer fed with what the layers before it made of the rows: standardised inputs, activations, and the pre-activations z of the output.`}</p>`,
  };
};
