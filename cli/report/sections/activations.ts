import { t } from '../../../model/messages.js';
import { measure } from '../../score-lines.js';
import { counted, percent } from '../../text-table.js';
import { markup } from '../markup.js';
import { COLOURS, figure, figures, percentTick, Plot } from '../plot.js';
import { inputGrids } from '../scales.js';
import { partName, tellingPart } from '../subject.js';
import type { Section } from './section.js';

/** The integers between the layers: what each one reads. */
export const activations: Section = ({ model, activity, found, parts }) => {
  if (!activity) return null;
  const grids = found && inputGrids(found.network);
  const list = activity.map(({ inputCounts, constantInputs }, l) => {
    const total = inputCounts.reduce((sum, count) => sum + count, 0);
    const bars = Array.from(inputCounts, (count, q) => ({
      from: q - 0.5,
      to: q + 0.5,
      share: count / total,
    })).filter(({ share }) => share > 0);
    const top = inputCounts.length - 1;
    const grid = grids?.[l];
    const [zero, ...others] = grid?.zeroPoint ?? [];
    const distance = zero === 0 ? 'q' : `(q − ${zero})`;
    const zeros = others.length === 0 ? distance : t`(q − zero point of the feature)`;
    const meaning = grid ? [t`Value = ${measure(grid.scale)} · ${zeros}.`] : [];
    const still = constantInputs > 0 ? [t`${counted(constantInputs, 'unit')} never changed.`] : [];
    return figure({
      id: `activations-${l}`,
      title: l === 0 ? t`Inputs` : t`Activations of layer ${l}`,
      caption: [
        t`${percent(inputCounts[0] / total)} are 0, ${percent(inputCounts[top] / total)} stand at the top, ${top}.`,
        ...meaning,
        ...still,
      ].join(' '),
      plot: {
        height: 190,
        marginLeft: 48,
        x: {
          label: t`integer q`,
          domain: [-0.5, top + 0.5],
          ticks: [0, ...[1, 2, 3, 4].map((k) => Math.round((k * top) / 4))],
        },
        // A bar for 0 that is ten times the others would leave nothing to see of them.
        y: { label: t`share`, ticks: 4, tickFormat: percentTick, grid: true, type: 'sqrt' },
        marks: [Plot.rectY(bars, { x1: 'from', x2: 'to', y: 'share', fill: COLOURS.third }), Plot.ruleY([0])],
      },
    });
  });
  return {
    title: t`Activations`,
    body: markup`${figures(list)}<p class="note">${t`Over ${partName(tellingPart(parts))} rows, on the grid of 0..${model.input.maximum} on which layers hand them on; the height is the square root of the share.`}</p>`,
  };
};
