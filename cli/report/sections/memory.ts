import { countedFor } from '../../../codegen/cost-terms.js';
import { boardName } from '../../board-name.js';
import { t } from '../../../model/messages.js';
import { grouped, percent } from '../../text-table.js';
import { markup, phrase, table, type Html } from '../markup.js';
import { COLOURS, figure, figures, Plot } from '../plot.js';
import type { Subject } from '../subject.js';
import type { Section } from './section.js';

interface Piece {
  readonly what: string;
  readonly bytes: number;
}

/** Of which program the bytes are. */
const counted = ({ board, manifest }: Subject): Html =>
  countedFor(board, manifest.format) === 'program'
    ? phrase`The verification sketch with the model in it, before any compiler has seen it; <code>neurona build</code> measures it.`
    : phrase`What the model adds to a program, before any compiler has seen it; <code>neurona build</code> measures the whole.`;

const sum = (pieces: readonly Piece[]): number => pieces.reduce((total, { bytes }) => total + bytes, 0);

/** Everything that the model puts into flash and into RAM. */
function piecesOf({ board, firmware, model }: Subject): { flash: Piece[]; ram: Piece[] } {
  const code = Math.max(firmware.flashBytes - firmware.constantBytes, 0);
  const outputs = model.layers[model.layers.length - 1].outputs;
  const ram = [
    ...firmware.buffers.map(({ name, bytes }) => ({
      what: name === 'odd' ? t`buffer of odd layers` : t`buffer of even layers`,
      bytes,
    })),
    { what: t`inputs`, bytes: model.input.features.length },
    { what: t`raw outputs`, bytes: 4 * outputs },
    ...(board.constantsInRam
      ? [{ what: t`constants, loaded from flash`, bytes: firmware.constantBytes }]
      : []),
  ];
  return {
    flash: [
      ...firmware.constants.map(({ name, bytes }) => ({ what: name, bytes })),
      { what: t`code (estimate)`, bytes: code },
    ],
    ram: [
      ...ram,
      { what: t`program and stack (estimate)`, bytes: Math.max(firmware.ramBytes - sum(ram), 0) },
    ],
  };
}

const SHADES = [
  COLOURS.first,
  COLOURS.third,
  COLOURS.second,
  'var(--class-3)',
  'var(--class-4)',
  'var(--class-5)',
];

/** One bar of all the board has, with the pieces in it. */
function bar(id: string, title: string, pieces: readonly Piece[], limit: number | null) {
  const used = sum(pieces);
  const whole = limit ?? used;
  const largest = pieces.toSorted((a, b) => b.bytes - a.bytes).slice(0, SHADES.length - 1);
  const rest = used - sum(largest);
  const shown = [...largest, ...(rest > 0 ? [{ what: t`the rest`, bytes: rest }] : [])];
  let at = 0;
  const parts = shown.map(({ what, bytes }, k) => {
    const from = at;
    at += bytes;
    return { what, from, to: at, colour: SHADES[k] };
  });
  return figure({
    id,
    title:
      limit === null
        ? t`${title}: ${grouped(used)} bytes`
        : t`${title}: ${grouped(used)} bytes of ${grouped(limit)}: ${percent(used / limit)}`,
    legend: parts.map(({ what, colour }) => [colour, what]),
    plot: {
      height: 78,
      marginLeft: 8,
      marginRight: 24,
      // Millions are wide.
      x: { label: t`bytes`, domain: [0, Math.max(whole, used)], ticks: whole < 1e6 ? 5 : 3 },
      marks: [
        Plot.rectX([{ from: 0, to: whole }], { x1: 'from', x2: 'to', stroke: COLOURS.quiet }),
        Plot.rectX(parts, { x1: 'from', x2: 'to', fill: 'colour' }),
        ...(limit === null ? [] : [Plot.ruleX([limit], { stroke: COLOURS.bad, strokeWidth: 2 })]),
      ],
    },
  });
}

export const memory: Section = (subject) => {
  const { board } = subject;
  const { flash, ram } = piecesOf(subject);
  const rows = [
    ...flash.map(({ what, bytes }) => [t`flash`, what, grouped(bytes)]),
    ...ram.map(({ what, bytes }) => [t`RAM`, what, grouped(bytes)]),
  ];
  return {
    title: t`Memory of the ${boardName(board)}`,
    body: markup`${figures([
      bar('flash', t`Flash`, flash, board.flashBytes),
      bar('ram', t`RAM`, ram, board.ramBytes),
    ])}${table([t`memory`, t`what`, t`bytes`], rows, ['left', 'left', 'right'])}
<p class="note">${counted(subject)}</p>`,
  };
};
