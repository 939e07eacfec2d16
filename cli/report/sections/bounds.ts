import { t } from '../../../model/messages.js';
import { accumulatorRange } from '../../../model/range-proof.js';
import { grouped, minus, percent } from '../../text-table.js';
import { markup, table } from '../markup.js';
import { COLOURS, figure, figures, percentTick, Plot } from '../plot.js';
import { partName, tellingPart } from '../subject.js';
import type { Section } from './section.js';

const signed = (value: number): string => minus(grouped(value));

/** The proven range of every sum, and the seen one within it, against what its accumulator holds. */
export const bounds: Section = ({ model, activity, parts }) => {
  const layers = model.layers.map((layer, l) => {
    const { lowest, highest, neuron } = accumulatorRange(layer);
    const limit = 2 ** (layer.accumulatorBits - 1);
    const seen = activity?.[l] ?? null;
    const name = t`layer ${l + 1}, ${layer.accumulatorBits} bits`;
    return { name, layer, lowest, highest, neuron, limit, seen };
  });
  const rows = layers.map(({ layer, lowest, highest, neuron, limit, seen }, l) => [
    String(l + 1),
    t`${layer.accumulatorBits} bits, ±${grouped(limit)}`,
    `${signed(lowest)} … ${signed(highest)}`,
    seen ? `${signed(seen.lowest)} … ${signed(seen.highest)}` : '–',
    percent(Math.max(-lowest, highest) / limit),
    String(neuron + 1),
  ]);
  const seenIn = parts.length > 0 ? ` ${t`Seen: over ${partName(tellingPart(parts))} rows.`}` : '';
  return {
    title: t`Accumulators`,
    body: markup`${figures([
      figure({
        id: 'accumulators',
        title: t`Sums against the limits of their accumulators`,
        legend: [[COLOURS.quiet, t`proven range`], ...(activity ? [[COLOURS.first, t`seen`] as const] : [])],
        plot: {
          height: 70 + 34 * layers.length,
          marginLeft: 96,
          marginRight: 24,
          x: { label: t`share of the limit`, domain: [-1, 1], tickFormat: percentTick, ticks: 5 },
          y: { label: null, domain: layers.map(({ name }) => name), tickSize: 0 },
          marks: [
            Plot.barX(layers, {
              x1: ({ lowest, limit }: (typeof layers)[number]) => lowest / limit,
              x2: ({ highest, limit }: (typeof layers)[number]) => highest / limit,
              y: 'name',
              fill: COLOURS.quiet,
              insetTop: 2,
              insetBottom: 2,
            }),
            Plot.barX(
              layers.filter(({ seen }) => seen !== null),
              {
                x1: ({ seen, limit }: (typeof layers)[number]) => (seen?.lowest ?? 0) / limit,
                x2: ({ seen, limit }: (typeof layers)[number]) => (seen?.highest ?? 0) / limit,
                y: 'name',
                fill: COLOURS.first,
                stroke: 'var(--page)',
                insetTop: 8,
                insetBottom: 8,
              },
            ),
            Plot.ruleX([-1, 1], { stroke: COLOURS.bad, strokeWidth: 2 }),
            Plot.ruleX([0]),
          ],
        },
      }),
    ])}${table([t`layer`, t`accumulator`, t`proven`, t`seen`, t`used at most`, t`neuron`], rows, ['right'])}<p class="note">${t`No input at all can leave the proven range, so no sum can overflow. The neuron, counted from 1, is the one that reaches furthest.`}${seenIn}</p>`,
  };
};
