import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { verifyFirmware } from '../../harness/verify.js';
import { BOARDS } from '../../bench/device-facts.js';
import { allBoards, type Board, type FormatName } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import { makeFirmware } from '../support/firmware.js';
import { randomRows } from '../support/random-model.js';
import { tinyModel } from '../support/tiny-model.js';

/** Every board and format that runs without hardware: a new entry of either table is built and run by existing. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-boards-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** C is compiled for this computer, the same for all boards of a core. */
const builds = (board: Board, format: FormatName): boolean =>
  format === 'c'
    ? Object.values(BOARDS).includes(board.id) || board.id === 'host'
    : board.runs[0] !== 'serial';
const combinations = allBoards().flatMap((board) =>
  board.formats.filter((format) => builds(board, format)).map((format) => ({ board, format })),
);

/** Names like those of system headers and of our own files: a build that mixes them up fails here. */
const NAMES = ['tiny', 'stdint_1', 'verify_main', 'main_1'];
/** Where all of them are built; a header of plain C must not hide the system's, so `generate` refuses such names. */
const TRIED: Readonly<Record<string, readonly string[]>> = {
  'host, c': NAMES,
  'uno, sketch': [...NAMES, 'stdio', 'features'],
};

test.each(combinations)('$board.id, $format', async ({ board, format }) => {
  const model = tinyModel();
  for (const name of TRIED[`${board.id}, ${format}`] ?? ['tiny']) {
    const { directory, hash } = makeFirmware(
      folder,
      `${board.id}_${format}_${name}`,
      model,
      board.id,
      format,
      name,
    );
    const built = await buildFirmware(directory, {});
    expect(built).toMatchObject({ board: format === 'c' ? 'host' : board.id, fits: true, warnings: [] });
    const raw = randomRows(createRandom(2), model, 10);
    const on = format === 'c' ? 'host' : board.runs[0];
    expect(await verifyFirmware(directory, on, model, hash, raw, null)).toMatchObject({
      rows: 10,
      mismatches: 0,
    });
  }
});
