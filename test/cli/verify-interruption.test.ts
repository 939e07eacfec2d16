import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { MAIN, runJson } from './run-cli.js';

/** Faults 61, 68 and 70 for a board on a port: Ctrl-C, a cable pulled out, and what goes on from there. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-verify-cut-'));
const PORT = path.join(folder, 'ttyBoard');
const ROWS = 1_500;
const MOMENT = { timeout: 20_000, interval: 2 };
let board: ChildProcess | null = null;
afterAll(() => {
  board?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const model = tinyModel();
const sketch = makeFirmware(folder, 'sketch', model, 'giga', 'sketch');
const sessions = path.join(sketch.directory, 'build', 'sessions');
const dataFile = path.join(folder, 'rows.csv');
writeFileSync(
  dataFile,
  `${model.input.features.join(',')}\n${Array.from({ length: ROWS }, (_, k) => `${k % 100},${k % 7}\n`).join('')}`,
);
const words = ['verify', 'sketch', 'rows.csv', '--on', PORT, '--json'];

async function plugIn(program: string): Promise<void> {
  board = spawn('socat', [`PTY,link=${PORT},raw,echo=0`, `EXEC:${program}`], { stdio: 'ignore' });
  await vi.waitUntil(() => existsSync(PORT), MOMENT);
}

const rowsOf = (session: string): number =>
  existsSync(path.join(session, 'rows.csv'))
    ? readFileSync(path.join(session, 'rows.csv'), 'latin1').split('\n').length - 2
    : 0;

/** Runs the program until so many rows are answered, then strikes; what it said and how it ended. */
async function strikeAfter(rows: number, more: readonly string[], strike: (cli: ChildProcess) => void) {
  const cli = spawn(process.execPath, [MAIN, ...words, ...more], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  cli.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  const closed = once(cli, 'close') as Promise<[number | null]>;
  const newest = (): string => path.join(sessions, readdirSync(sessions).at(-1) ?? '');
  await vi.waitUntil(() => existsSync(sessions) && rowsOf(newest()) >= rows, MOMENT);
  strike(cli);
  const [code] = await closed;
  return { code, answer: JSON.parse(stdout) as { error?: { hint: string }; stoppedBy?: { hint: string } } };
}

test('61, 68, 70: after Ctrl-C and after unplugging, --resume asks only what was not answered', async () => {
  const { elf } = await buildFirmware(makeFirmware(folder, 'host', model, 'host', 'c').directory);
  await plugIn(elf);
  const stopped = await strikeAfter(50, [], (cli) => cli.kill('SIGINT'));
  expect(stopped.code).toBe(130);
  const resume = /--resume (\S+)$/.exec(stopped.answer.error!.hint)![1];
  const session = path.join(folder, resume);
  const first = rowsOf(session);
  expect(first).toBeLessThan(ROWS);

  const unplugged = await strikeAfter(first + 50, ['--resume', resume], () => board!.kill('SIGKILL'));
  expect(unplugged.code).toBe(4);
  expect(unplugged.answer).toMatchObject({
    mismatches: 0,
    total: ROWS,
    stoppedBy: { code: 'disconnected', hint: expect.stringContaining(`--resume ${resume}`) as string },
  });
  const second = rowsOf(session);
  expect(unplugged.answer).toMatchObject({ rows: second, session: resume });

  rmSync(PORT, { force: true });
  await plugIn(elf);
  const before = readFileSync(path.join(session, 'rows.csv'), 'latin1');
  const { code, object } = await runJson([...words, '--resume', resume], folder);
  expect(code).toBe(0);
  expect(object).toMatchObject({ rows: ROWS, mismatches: 0, stoppedBy: null });
  expect(readFileSync(path.join(session, 'rows.csv'), 'latin1').startsWith(before)).toBe(true);
  expect(rowsOf(session)).toBe(ROWS);
  expect(readdirSync(sessions)).toHaveLength(1);
}, 60_000);
