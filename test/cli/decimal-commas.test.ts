import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { folderWith, IRIS, runCli } from './run-cli.js';

/** A file with decimal commas goes where one with points does, and gives the same bytes. */

const points = readFileSync(IRIS, 'utf8');
const commas = points.replaceAll(',', ';').replaceAll('.', ',');
const folder = folderWith({ 'points.csv': points, 'commas.csv': commas });
const NOTE = 'read commas.csv with decimal commas\n';

async function run(words: string): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await runCli(words.split(' '), folder);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return { stdout, stderr };
}

it('from data to board', async () => {
  for (const name of ['points', 'commas']) {
    const { stderr } = await run(`train ${name}.csv --name iris --epochs 3 -o ${name}.network.json`);
    expect(stderr).toBe(name === 'commas' ? NOTE : '');
    await run(`quantize ${name}.network.json -o ${name}.model.json`);
    await run(`generate ${name}.model.json --board host -o ${name}`);
  }
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  expect(read('commas.model.json')).toBe(read('points.model.json'));
  expect(read('commas/iris.c')).toBe(read('points/iris.c'));
  const [first, second] = ['commas', 'points'].map((name) => JSON.parse(read(`${name}.network.json`))) as {
    layers: unknown;
  }[];
  expect(first.layers).toEqual(second.layers);
});

it.each([
  ['train', 'train DATA --name iris --epochs 3 -o trained.json'],
  ['evaluate', 'evaluate points.network.json DATA'],
  ['predict', 'predict points.model.json DATA --csv'],
  ['explain', 'explain points.network.json DATA --row 7'],
  ['quantize', 'quantize points.network.json --data DATA -o again.json'],
  ['estimate', 'estimate points.model.json --board uno --data DATA'],
  ['verify', 'verify points DATA --on host'],
  ['search', 'search DATA --board uno --max-flash 8k --trials 1 --epochs 1 --folds 2 -o found.json'],
])('%s reads either', async (_name, words) => {
  const withPoints = await run(words.replace('DATA', 'points.csv'));
  const withCommas = await run(words.replace('DATA', 'commas.csv'));
  expect(withCommas.stderr).toBe(NOTE + withPoints.stderr);
  const sameNames = withCommas.stdout.replaceAll('commas', 'points');
  const timeless = (text: string): string => text.replace(/[\d.,]+ (?:ms|µs|s|rows\/s)\b/g, '');
  expect(timeless(sameNames)).toBe(timeless(withPoints.stdout));
});

it('report', async () => {
  const { stderr } = await run('report points commas.csv -o page.html');
  expect(stderr).toBe(NOTE);
});

it('speaks Spanish', async () => {
  const { stderr } = await run('evaluate points.network.json commas.csv --lang es');
  expect(stderr).toBe('commas.csv se leyó con comas decimales\n');
});
