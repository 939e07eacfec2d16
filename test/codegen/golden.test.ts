import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateFirmware } from '../../codegen/generate.js';
import { findBoard } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import { tinyModel } from '../support/tiny-model.js';

/** Golden folders; `npx vitest run test/codegen/golden.test.ts -u` rewrites them for review. */
const GOLDEN = path.join(import.meta.dirname, 'golden');
const ROOT = path.join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['uno', 'sketch'],
  ['uno', 'arduino-library'],
  ['mega', 'platformio'],
  ['esp32-s3', 'esp-idf'],
  ['host', 'c'],
] as const)('the %s %s folder is what was reviewed', async (board, format) => {
  const model = tinyModel();
  const { hash } = modelFileText(model);
  const request = {
    model,
    modelHash: hash,
    board: findBoard(board),
    format,
    name: null,
    folderName: 'tiny',
    constantTime: false,
  };
  const { files } = generateFirmware(request);
  for (const file of files) {
    // The tool's version changes with every release; the golden files must not.
    const text = file.content.replace(/neurona \d+\.\d+\.\d+/g, 'neurona VERSION');
    await expect(text).toMatchFileSnapshot(path.join(GOLDEN, `${board}-${format}`, file.path));
    expect(file.content.endsWith('\n'), file.path).toBe(true);
    const tabs = /(^|\/)(keywords\.txt|Makefile)$/.test(file.path); // both want them
    expect(file.content).not.toMatch(tabs ? /\r|undefined|NaN|\[object/ : /\r|\t|undefined|NaN|\[object/);
  }
});

/** A board of every core, between them in every format. */
const FAMILIES = [
  ['uno', 'sketch'],
  ['pico', 'arduino-library'],
  ['nano33ble', 'platformio'],
  ['esp32', 'esp-idf'],
  ['esp32-s3', 'sketch'],
  ['esp32-c3', 'esp-idf'],
  ['esp8266', 'platformio'],
  ['host', 'c'],
] as const;

test('equal requests give equal bytes in any locale, time zone and working directory', () => {
  const script = `
    const [{ generateFirmware }, { findBoard }, { readModelFile }] = await Promise.all(
      ['codegen/generate.js', 'model/board.js', 'model/model-file.js'].map((file) => import('${ROOT}/dist/' + file)));
    const { model, hash } = readModelFile('${path.join(folder, 'model.json')}');
    const files = ${JSON.stringify(FAMILIES)}.flatMap(([board, format]) =>
      generateFirmware({ model, modelHash: hash, board: findBoard(board), format, name: null, folderName: 'tiny', constantTime: false }).files);
    process.stdout.write(JSON.stringify([new Intl.NumberFormat().resolvedOptions().locale, files]));`;
  writeFileSync(path.join(folder, 'model.json'), modelFileText(tinyModel()).text);
  const run = (locale: string, TZ: string, cwd: string): [string, unknown] =>
    JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd,
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: locale, TZ },
      }),
    ) as [string, unknown];
  const [english, files] = run('en_US.UTF-8', 'UTC', ROOT);
  const [turkish, same] = run('tr_TR.UTF-8', 'Asia/Kolkata', '/');
  expect([english, turkish]).toEqual(['en-US', 'tr-TR']);
  expect(same).toEqual(files);
});
