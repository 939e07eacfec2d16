import type { Activity } from '../../../codegen/activity.js';
import { estimateBoard } from '../../../codegen/board-estimate.js';
import { allBoards, type Board } from '../../../model/board.js';
import { rawFeatures } from '../../../model/raw-features.js';
import { duration, UNITS } from '../../estimate-lines.js';
import { activitiesOf } from '../../row-activities.js';
import { grouped, percent } from '../../text-table.js';
import { markup, table, type HtmlPart } from '../markup.js';
import { tellingPart, type Subject } from '../subject.js';
import type { Section } from './section.js';

const ofBoard = (bytes: number, limit: number | null): string =>
  limit === null ? grouped(bytes) : `${grouped(bytes)} (${percent(bytes / limit)})`;

function rowOf(
  { model, manifest, board: own }: Subject,
  board: Board,
  rows: readonly Activity[] | null,
): HtmlPart[] {
  const isConstantTime = manifest.command.includes(' --constant-time');
  const { flashBytes, ramBytes, cycles, unit, microseconds, shortfall } = estimateBoard(
    model,
    board,
    board.formats[0],
    isConstantTime,
    rows,
  );
  const count = (steps: number | undefined): string =>
    steps === undefined ? '–' : `${grouped(steps)} ${UNITS[unit]}`;
  return [
    board.id === own.id ? markup`<b>${board.name}</b>` : board.name,
    board.clockHz === null ? '–' : `${board.clockHz / 1e6} MHz`,
    ofBoard(flashBytes, board.flashBytes),
    ofBoard(ramBytes, board.ramBytes),
    count(cycles?.typical),
    count(cycles?.worst),
    duration(microseconds),
    shortfall === null
      ? markup`<span class="good">yes</span>`
      : markup`<span class="bad">no: ${shortfall}</span>`,
  ];
}

/** The same model on every board that is known. */
export const boards: Section = (subject) => {
  const { model, parts } = subject;
  const part = parts.length > 0 ? tellingPart(parts) : null;
  const rows =
    part && activitiesOf(model, rawFeatures(part.data.values, model.input.features.length, model.input));
  const typical = part ? `the median of ${part.name} rows` : 'as if half of the hidden activations were 0';
  return {
    title: 'Other boards',
    body: markup`<div id="boards">${table(
      ['board', 'clock', 'flash bytes', 'RAM bytes', 'typical', 'at worst', 'typical time', 'fits'],
      allBoards().map((board) => rowOf(subject, board, rows)),
      ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    )}</div><p class="note">Estimates: of the verification sketch with its stack where neurona links it, elsewhere of what the model
adds to a program. Typical is ${typical}; times from instructions (instr.) are without waits for flash.</p>`,
  };
};
