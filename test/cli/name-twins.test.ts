import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateProject } from '../../cli/project-generation.js';
import type { FormatName } from '../../model/board.js';
import { tinyModel } from '../support/tiny-model.js';

/** 30 and 40: what would link without a word, and compute with one model in the place of another. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-twins-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function warningsOf(place: string, format: FormatName, name: string): Promise<readonly string[]> {
  const facts = { author: 'Ada', url: 'https://ada.dev' };
  const out = path.join(folder, place);
  mkdirSync(path.dirname(out), { recursive: true });
  return (await generateProject(tinyModel(), { board: 'esp32', out, format, name, ...facts })).warnings;
}

test.each([
  ['components', 'esp-idf'],
  ['libraries', 'arduino-library'],
  ['lib', 'c'],
] as const)('two models in %s want two names', async (shared, format) => {
  expect(await warningsOf(`${shared}/left`, format, 'iris')).toEqual([]);
  expect(await warningsOf(`${shared}/right`, format, 'wine')).toEqual([]);
  // A folder of somebody else's, one that is damaged, and a file.
  mkdirSync(path.join(folder, shared, 'esp_dsp'));
  mkdirSync(path.join(folder, shared, 'broken'));
  writeFileSync(path.join(folder, shared, 'broken', 'neurona.json'), '{');
  writeFileSync(path.join(folder, shared, 'README'), '');
  expect(await warningsOf(`${shared}/left`, format, 'iris')).toEqual([]);
  // The same macros: IRIS_FEATURES.
  for (const name of ['iris', 'Iris'])
    expect(await warningsOf(`${shared}/other`, format, name)).toEqual([
      `C names of ${path.join(folder, shared, 'left')} begin with ${name}_ too, so a program can have but one of them: choose another --name`,
    ]);
});

test('the same model for two boards, side by side elsewhere, is nothing to warn of', async () => {
  expect(await warningsOf('boards/one', 'c', 'iris')).toEqual([]);
  expect(await warningsOf('boards/two', 'c', 'iris')).toEqual([]);
});
