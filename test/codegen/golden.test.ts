import path from 'node:path';
import { expect, test } from 'vitest';
import { generateFirmware } from '../../codegen/generate.js';
import { findBoard } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import { tinyModel } from '../support/tiny-model.js';

/** Golden folders; `npx vitest run test/codegen/golden.test.ts -u` rewrites them for review. */
const GOLDEN = path.join(import.meta.dirname, 'golden');

test.each([
  ['uno', 'sketch'],
  ['host', 'c'],
] as const)('the %s %s folder is what was reviewed', async (board, format) => {
  const model = tinyModel();
  const { hash } = modelFileText(model);
  const request = { model, modelHash: hash, board: findBoard(board), format, name: null, folderName: 'tiny' };
  const { files } = generateFirmware(request);
  for (const file of files) {
    // The tool's version changes with every release; the golden files must not.
    const text = file.content.replace(/neurona \d+\.\d+\.\d+/g, 'neurona VERSION');
    await expect(text).toMatchFileSnapshot(path.join(GOLDEN, `${board}-${format}`, file.path));
    expect(file.content.endsWith('\n'), file.path).toBe(true);
    expect(file.content).not.toMatch(/\r|\t|undefined|NaN|\[object/);
  }
});

test('equal requests give equal bytes in any locale, time zone and working directory', () => {
  const model = tinyModel();
  const { hash } = modelFileText(model);
  const generate = () =>
    generateFirmware({
      model,
      modelHash: hash,
      board: findBoard('uno'),
      format: 'sketch',
      name: null,
      folderName: 'tiny',
    });
  const before = generate();
  const { LANG, TZ } = process.env;
  const cwd = process.cwd();
  process.env.LANG = 'tr_TR.UTF-8';
  process.env.TZ = 'Asia/Kolkata';
  process.chdir('/');
  try {
    expect(generate()).toEqual(before);
  } finally {
    process.chdir(cwd);
    process.env.LANG = LANG;
    process.env.TZ = TZ;
  }
});
