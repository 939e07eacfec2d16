import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBoard } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import type { Problem } from '../../model/problem.js';
import { shownCommands } from '../documentation/console-blocks.js';
import { runCommands } from '../documentation/run-commands.js';
import { tinyModel } from '../support/tiny-model.js';

/** docs/boards.md says that a JSON file is all a board takes: its own example, put into a copy of the package. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-board-'));
afterAll(() => rmSync(folder, { recursive: true }));

const documented = /```json\n([^]*?)```/.exec(
  readFileSync(path.join(PACKAGE_ROOT, 'docs', 'boards.md'), 'utf8'),
)![1];
const metro = JSON.parse(documented) as Record<string, unknown>;
const board = path.join(folder, 'boards', 'metro.json');

beforeAll(() => {
  for (const part of ['dist', 'boards', 'firmware-templates', 'languages', 'examples/iris', 'package.json'])
    cpSync(path.join(PACKAGE_ROOT, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(PACKAGE_ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(board, documented);
  writeFileSync(path.join(folder, 'model.json'), modelFileText(tinyModel()).text);
  writeFileSync(path.join(folder, 'rows.csv'), 'light,heat\n1,2.5\n900,-30\n');
});

const neurona = (...words: string[]): Record<string, unknown> =>
  JSON.parse(
    execFileSync(process.execPath, ['dist/cli/main.js', ...words, '--json'], {
      cwd: folder,
      encoding: 'utf8',
    }),
  ) as Record<string, unknown>;

test('the board of the documentation is listed, generated for, built and simulated', () => {
  expect(neurona('boards').boards).toContainEqual({
    ...metro,
    formats: ['sketch', 'arduino-library', 'platformio', 'c'],
  });
  neurona('generate', 'model.json', '--board', 'metro', '-o', 'sketch');
  expect(neurona('verify', 'sketch', 'rows.csv')).toMatchObject({
    board: 'metro',
    on: 'simulator',
    rows: 2,
    mismatches: 0,
  });
});

test('every command of the page on adding a board does what it says', { timeout: 120_000 }, async () => {
  const page = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'how-to', 'add-a-board.md'), 'utf8');
  const commands = shownCommands(page).map(({ command }) => command);
  expect(commands.filter((command) => command.includes('metro'))).toHaveLength(2);
  const before = ['neurona init flowers', 'cd flowers', 'neurona train iris.csv'];
  const printed = await runCommands([...before, ...commands], folder, folder);
  for (const { text, code } of printed) expect(code, text).toBe(0);
  expect(printed.at(-1)!.text).toContain('metro on ');
  expect(printed.at(-1)!.text).toContain('150 rows, all bit for bit equal');
});

test('a board that no simulator knows is built, and next comes its port', () => {
  const compiler = { program: 'avr-gcc', flags: ['-mmcu=atmega168'] };
  const older = { ...metro, id: 'older', mcu: 'atmega168', compiler, flashBytes: 14336, ramBytes: 1024 };
  const file = path.join(folder, 'boards', 'older.json');
  writeFileSync(file, JSON.stringify({ ...older, runs: ['serial'] }));
  neurona('generate', 'model.json', '--board', 'older', '-o', 'olden');
  const said = execFileSync(process.execPath, ['dist/cli/main.js', 'build', 'olden'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(said).toMatch(/^next: \S* ?neurona flash olden$/m);
  rmSync(file);
});

test('every field of a board is explained', () => {
  const text = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'boards.md'), 'utf8');
  for (const field of Object.keys(metro)) expect(text).toMatch(new RegExp(`^\\| \`${field}\` `, 'm'));
});

test.each([
  [{ clockHz: '16 MHz' }, /clockHz: /],
  [{ core: 'z80' }, /core: /],
  [{ id: 'metro2' }, /id: must be the name of the file/],
  [{ colour: 'blue' }, /colour/],
  [{ flashBytes: undefined }, /flashBytes: /],
  [{ serial: null }, /serial: must be told where "runs" names it/],
  [{ serial: { ...(metro.serial as object), resetSequence: 'D2' } }, /serial\.resetSequence: /],
  [{ usb: ['2341:43'] }, /usb/],
  [{ upload: { tool: 'avrdude', programmer: 'arduino' } }, /upload\.baudRate: /],
  [{ fqbn: null }, /boardsUrl: belongs to an fqbn/],
  [{ fqbn: 'uno' }, /fqbn: /],
  [{ runs: [] }, /runs: /],
  [{ mcu: 'atmega168' }, /runs: names the simulator, which knows no such "mcu"/],
])('a board with %j is refused by field', (change, message) => {
  const file = path.join(folder, 'metro.json');
  writeFileSync(file, JSON.stringify({ ...metro, ...change }));
  expect(() => readBoard(file)).toThrow(message);
});

test('a file that is no JSON is named', () => {
  const file = path.join(folder, 'metro.json');
  writeFileSync(file, '{');
  try {
    readBoard(file);
    expect.unreachable();
  } catch (error) {
    expect((error as Problem).details).toMatchObject({ code: 'bad-board', file });
  }
});
