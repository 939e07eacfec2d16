import { generateFirmware } from '../../../codegen/generate.js';
import { allBoards, type Board } from '../../../model/board.js';
import { Problem } from '../../../model/problem.js';
import { grouped, percent } from '../../text-table.js';
import { markup, table, type HtmlPart } from '../markup.js';
import type { Subject } from '../subject.js';
import type { Section } from './section.js';

const ofBoard = (bytes: number, limit: number | null): string =>
  limit === null ? grouped(bytes) : `${grouped(bytes)} (${percent(bytes / limit)})`;

function rowOf({ model, modelHash, manifest, board: own }: Subject, board: Board): HtmlPart[] {
  const name = board.id === own.id ? markup`<b>${board.name}</b>` : board.name;
  const clock = board.clockHz === null ? '–' : `${board.clockHz / 1e6} MHz`;
  try {
    const { flashBytes, ramBytes } = generateFirmware({
      model,
      modelHash,
      board,
      format: board.formats[0],
      name: manifest.name,
      folderName: manifest.name,
      constantTime: manifest.command.includes(' --constant-time'),
    });
    const isTooMuch = flashBytes > (board.flashBytes ?? Infinity) || ramBytes > (board.ramBytes ?? Infinity);
    const fits = isTooMuch ? markup`<span class="bad">no</span>` : markup`<span class="good">yes</span>`;
    return [name, clock, ofBoard(flashBytes, board.flashBytes), ofBoard(ramBytes, board.ramBytes), fits];
  } catch (error) {
    if (!(error instanceof Problem) || error.details.kind !== 'fit') throw error;
    return [name, clock, '–', '–', markup`<span class="bad">no: ${error.details.message}</span>`];
  }
}

/** The same model on every board that is known. */
export const boards: Section = (subject) => ({
  title: 'Other boards',
  body: markup`<div id="boards">${table(
    ['board', 'clock', 'flash bytes', 'RAM bytes', 'fits'],
    allBoards().map((board) => rowOf(subject, board)),
    ['left', 'right', 'right', 'right', 'left'],
  )}</div><p class="note">Estimates: of the verification sketch where neurona builds it, elsewhere of what the model adds to a program.</p>`,
});
