import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith, IRIS, runCli } from '../cli/run-cli.js';

/**
 * Errors as a Spanish reader meets them, those of libraries and of the system among them: whatever words come from
 * where nobody translates show by the little words that no English sentence does without.
 */

const ENGLISH =
  /\b(the|of|is|are|was|and|not|with|for|must|be|it|its|to|at|cannot|from|than|in|there|has|have|an|this|that|by|or|on|expected|invalid|unexpected|missing|failed|input|undefined)\b/i;

/** But for what a user or a file said: between quotes, flags, paths, addresses and commands to type. */
const prose = (text: string): string =>
  stripVTControlCharacters(text).replace(
    /"[^"]*"|'[^']*'|`[^`]*`|\bcurl .*|--?[a-z][\w-]*|\[[\w-]+\]|\S*[/\\]\S*/g,
    '',
  );

const SPANISH = { LANG: 'es_MX.UTF-8', PATH: '/nowhere' };
const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 20);

let folder = '';
beforeAll(async () => {
  const rows = readFileSync(IRIS, 'utf8');
  folder = folderWith({
    'iris.csv': rows,
    'empty.csv': '',
    'header.csv': 'a,b,kind\n',
    'words.csv': 'a,kind\n1,x\ntwo,y\n',
    'hole.csv': 'a,b,kind\n1,2,x\n3,,y\n',
    'short.csv': 'a,b,kind\n1,2,x\n3,y\n',
    'quote.csv': 'a,kind\n1,"x\n2,y\n',
    'twice.csv': 'a,a,kind\n1,2,x\n3,4,y\n',
    'one-class.csv': 'a,kind\n1,x\n2,x\n',
    'other.csv': 'a,b,kind\n1,2,x\n3,4,y\n',
    'bad.json': '{',
    'list.json': '[]',
    'bad.config.json': '{ "train": { "hidden": [8] ',
    'odd.config.json': '{ "train": { "hiden": [8] } }',
    'wrong.config.json': '{ "train": { "epochs": "many" } }',
    file: '',
  });
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at('cut.csv.gz'), cut(gzipSync(rows)));
  writeFileSync(at('damaged.csv.gz'), gzipSync(rows).fill(255, 40, 80));
  writeFileSync(at('latin.csv'), Buffer.from('a,kind\n1,ni\xf1o\n', 'latin1'));
  writeFileSync(at('damaged.parquet'), Buffer.from(`PAR1${'x'.repeat(40)}PAR1`));
  writeFileSync(at('cut.parquet'), Buffer.from(`PAR1${'x'.repeat(40)}`));
  writeFileSync(at('few-images-idx3-ubyte'), Buffer.from([0, 0, 8, 3, 0, 0]));
  writeFileSync(
    at('odd-images-idx3-ubyte'),
    Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0]),
  );
  writeFileSync(
    at('bare-images-idx3-ubyte'),
    Buffer.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0]),
  );
  await runCli(['train', 'iris.csv', '--epochs', '2', '--quiet'], folder);
  await runCli(['quantize', 'network.json', '--quiet'], folder);
  await runCli(['generate', 'model.json', '--board', 'uno', '-o', 'firmware', '--quiet'], folder);
  const network = readFileSync(at('network.json'), 'utf8');
  writeFileSync(at('edited.json'), network.replace('"layers"', '"Layers"'));
  writeFileSync(at('hash.json'), network.replace('setosa', 'setose'));
  writeFileSync(at('cut.json'), network.slice(0, 300));
});
afterAll(() => rmSync(folder, { recursive: true }));

const IN_PROC = existsSync('/proc/self')
  ? (['generate model.json --board uno -o /proc/x', 'init /proc/x/y'] as const)
  : [];

describe('an error in Spanish has nothing in English', () => {
  it.each([
    ...['', 'empty', 'header', 'words', 'hole', 'short', 'quote', 'twice', 'one-class', 'latin'].map(
      (name) => `train ${name}.csv`,
    ),
    'train cut.csv.gz',
    'train damaged.csv.gz',
    'train damaged.parquet',
    'train cut.parquet',
    'train few-images-idx3-ubyte',
    'train odd-images-idx3-ubyte',
    'train bare-images-idx3-ubyte',
    'train train-images-idx3-ubyte.gz',
    'train nothing*.csv',
    'train .',
    'train /dev/null',
    'train iris.csv other.csv',
    'train iris.csv --label nothing',
    'train iris.csv --ignore nothing',
    'train iris.csv --epochs 0.5',
    'train iris.csv --hidden x',
    'train iris.csv --augment rotate=-1',
    'train iris.csv --optimizer adm',
    'train iris.csv --task regression',
    'train iris.csv --output sigmoid --loss mse --class-weights balanced --test-split 2',
    'train iris.csv -o /dev/null',
    'train iris.csv -o nowhere/network.json',
    'train iris.csv -o iris.csv',
    'train iris.csv -o firmware',
    'train iris.csv -o file/network.json',
    `train iris.csv -o ${'x'.repeat(300)}`,
    ...['bad', 'odd', 'wrong', 'no'].map((name) => `train iris.csv --config ${name}.config.json`),
    ...['bad', 'list', 'edited', 'hash', 'cut', 'nothing'].map((name) => `quantize ${name}.json`),
    'quantize firmware/neurona.json',
    'evaluate model.json other.csv',
    'explain model.json iris.csv --row 1',
    'explain network.json iris.csv --row 151',
    'generate model.json --board unno -o x',
    'generate model.json --board host --format sketch -o x',
    'generate model.json --board uno -o .',
    'generate model.json --board uno -o file',
    'generate model.json --board uno --name 1x -o x',
    ...IN_PROC,
    'build firmware',
    'build nowhere',
    'flash firmware --port /dev/nothing',
    'verify firmware iris.csv --on /dev/nothing',
    'verify firmware iris.csv --on simulator',
    'verify firmware iris.csv --on qemu',
    'report nowhere',
    'report firmware nothing.csv',
    'monitor --port /dev/nothing',
    'monitor --port file',
    'capture --port /dev/nothing --label x -o x.csv',
    'capture --sketch nothing -o x',
    'init firmware/model.json',
    'init x --template nothing',
    'completion tcsh',
    'estimate model.json --board nothing',
    'search iris.csv --board uno --max-flash 10',
    'search iris.csv --board uno --max-latency many',
    'predict model.json empty.csv',
  ])('neurona %s', async (words) => {
    const { stderr, code } = await runCli(words.split(' '), folder, SPANISH);
    expect(code).toBeGreaterThan(0);
    expect(code).not.toBe(5);
    expect(stderr).toMatch(/error:? .*\[[\w-]+\]\n/s);
    expect(stderr).toMatch(/sugerencia: |; se esperaba|falta|admite/);
    expect(ENGLISH.exec(prose(stderr))?.[0], stderr).toBeUndefined();
  });
});

it('would notice English', () => {
  expect(ENGLISH.test(prose('error: Invalid input: expected object [bad]'))).toBe(true);
  expect(ENGLISH.test(prose('error: no existe "the file" ./of/is [not-there]'))).toBe(false);
});
