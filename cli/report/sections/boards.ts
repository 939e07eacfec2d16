import { boardName } from '../../board-name.js';
import { estimateBoard, type BoardEstimate } from '../../../codegen/board-estimate.js';
import { allBoards, type Board } from '../../../model/board.js';
import { t } from '../../../model/messages.js';
import { rawFeatures } from '../../../model/raw-features.js';
import { duration, standInNotes, stepsText } from '../../estimate-lines.js';
import { activitiesOf } from '../../row-activities.js';
import { grouped, percent } from '../../text-table.js';
import { markup, table, type HtmlPart } from '../markup.js';
import { partName, type Subject, tellingPart } from '../subject.js';
import type { Section } from './section.js';

const ofBoard = (bytes: number, limit: number | null): string =>
  limit === null ? grouped(bytes) : `${grouped(bytes)} (${percent(bytes / limit)})`;

function rowOf({ board: own }: Subject, board: Board, estimated: BoardEstimate): HtmlPart[] {
  const { flashBytes, ramBytes, cycles, unit, microseconds, shortfall } = estimated;
  const count = (steps: number | undefined): string => (steps === undefined ? '–' : stepsText(steps, unit));
  return [
    board.id === own.id ? markup`<b>${boardName(board)}</b>` : boardName(board),
    board.clockHz === null ? '–' : `${board.clockHz / 1e6} MHz`,
    ofBoard(flashBytes, board.flashBytes),
    ofBoard(ramBytes, board.ramBytes),
    count(cycles?.typical),
    count(cycles?.worst),
    duration(microseconds),
    shortfall === null
      ? markup`<span class="good">${t`yes`}</span>`
      : markup`<span class="bad">${t`no: ${shortfall}`}</span>`,
  ];
}

/** The same model on every board that is known. */
export const boards: Section = (subject) => {
  const { model, manifest, parts } = subject;
  const part = parts.length > 0 ? tellingPart(parts) : null;
  const rows =
    part && activitiesOf(model, rawFeatures(part.data.values, model.input.features.length, model.input));
  const typical = part
    ? t`the median of ${partName(part)} rows`
    : t`as if half of the hidden activations were 0`;
  const isConstantTime = manifest.command.includes(' --constant-time');
  const estimates = allBoards().map((board) => ({
    board,
    id: board.id,
    ...estimateBoard(model, board, board.formats[0], isConstantTime, rows),
  }));
  const about = t`Estimates: of the verification sketch with its stack where neurona links it, elsewhere of what the model adds to a program. Typical is ${typical}; times from instructions (instr.) are without waits for flash.`;
  const notes = [about, ...standInNotes(estimates).map((note) => `${note}.`)].join(' ');
  return {
    title: t`Other boards`,
    body: markup`<div id="boards">${table(
      [t`board`, t`clock`, t`flash bytes`, t`RAM bytes`, t`typical`, t`at worst`, t`typical time`, t`fits`],
      estimates.map(({ board, ...estimated }) => rowOf(subject, board, estimated)),
      ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    )}</div><p class="note">${notes}</p>`,
  };
};
