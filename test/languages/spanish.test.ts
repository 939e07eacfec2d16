import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/command-table.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { folderWith, IRIS, readIn, runCli, type Run } from '../cli/run-cli.js';

/** What a Spanish reader sees of the commands: nothing in English, and for programs nothing but English. */

const TABLE = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'languages', 'es.json'), 'utf8')) as Record<
  string,
  string
>;

const joined = (text: string): string => stripVTControlCharacters(text).replace(/\s+/g, ' ');

/** The parts between values that are long enough to be English and nothing else, and are not said in Spanish too. */
const ENGLISH_PARTS = Object.entries(TABLE).flatMap(([english, spanish]) =>
  english
    .split(/\{\d+\}|[`'"]/)
    .map((part) => joined(part).trim())
    .filter((part) => /[a-z]+ [a-z]+ [a-z]+/i.test(part) && !joined(spanish).includes(part)),
);

const englishIn = (text: string): string[] => {
  const whole = joined(text);
  return ENGLISH_PARTS.filter((part) => whole.includes(part));
};

const SPANISH = { LANG: 'es_MX.UTF-8' };

let folder = '';
beforeAll(() => {
  const rows = readFileSync(IRIS, 'utf8');
  folder = folderWith({ 'iris.csv': rows, 'hole.csv': 'a,b,kind\n1,2,x\n3,,y\n', 'odd.json': '{' });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the help', () => {
  it.each(['', ...COMMANDS.map(({ name }) => name)])('of neurona %s', async (name) => {
    const words = name === '' ? ['--help'] : [name, '--help'];
    const [english, spanish] = await Promise.all([runCli(words, folder), runCli(words, folder, SPANISH)]);
    expect(englishIn(english.stdout).length).toBeGreaterThan(3);
    expect(englishIn(spanish.stdout)).toEqual([]);
    const said = new Set(english.stdout.split('\n'));
    const same = spanish.stdout
      .split('\n')
      .filter((line) => said.has(line) && line.trim().includes(' ') && !line.startsWith('  $ '));
    expect(same).toEqual([]);
  });
});

describe('what the commands say', () => {
  /** In their order: words, exit code, and something of what is said. */
  const RUNS: readonly (readonly [words: string, code: number, said: string])[] = [
    ['init flores', 0, 'un proyecto inicial, iris'],
    ['train iris.csv --epochs 60 --verbose', 0, 'época 1 de 60'],
    ['quantize network.json --data iris.csv', 0, 'sumas demostradas en'],
    ['search iris.csv --board uno --epochs 5 --trials 4 --folds 2 -o found.json', 0, 'redes examinadas'],
    ['evaluate model.json iris.csv', 0, 'de aciertos en 150 filas, en enteros'],
    ['predict model.json iris.csv', 0, 'fila  clase'],
    ['explain network.json iris.csv --row 1', 0, 'Gradiente'],
    ['estimate model.json --board uno', 0, 'ciclos'],
    ['estimate model.json', 0, 'típico'],
    ['estimate model.json --board esp32-s3', 0, 'aprendido del código de LLVM'],
    ['estimate model.json --board nano-every', 0, 'ciclos de un ATmega328P'],
    ['estimate model.json --board nano-every', 0, 'ciclos de un ATmega328P'],
    ['generate model.json --board host -o firmware', 0, 'los nombres de C empiezan con iris_'],
    ['report firmware', 0, 'figuras sobre 150 filas'],
    ['boards', 0, 'simulada'],
    ['completion fish', 0, 'ajusta una red a filas de datos'],
    ['trian', 2, "error: orden desconocida 'trian' [unknown-command]\nsugerencia: ¿quisiste decir train?"],
    ['train', 2, "falta el argumento obligatorio 'datos'"],
    ['train iris.csv --epoch 3', 2, "opción desconocida '--epoch'"],
    ['train iris.csv --out', 2, "falta el argumento de la opción '-o, --out <archivo>'"],
    ['init a b', 2, "demasiados argumentos para 'init'"],
    ['train iris.csv --epochs x', 2, '--epochs es "x"; se esperaba un número entero 1..'],
    ['train nowhere.csv', 1, 'no se puede leer: no existe ese archivo'],
    ['train hole.csv', 1, 'hole.csv:3:3: error: columna "b" está vacía [empty-cell]'],
    ['evaluate odd.json iris.csv', 1, 'no es JSON válido'],
    ['generate model.json --board uon -o x', 2, 'no hay ninguna placa "uon"'],
    ['verify firmware iris.csv --on uno', 2, 'no hay ningún dispositivo "uno"'],
    ['build nowhere', 1, 'no existe ese archivo'],
  ];
  const runs = new Map<string, Run>();
  beforeAll(async () => {
    for (const [words] of RUNS) runs.set(words, await runCli(words.split(' '), folder, SPANISH));
  }, 120_000);

  it.each(RUNS)('neurona %s', (words, code, said) => {
    const { stdout, stderr, code: ended } = runs.get(words) ?? { stdout: '', stderr: '', code: null };
    const all = stripVTControlCharacters(stdout + stderr);
    expect(all).toContain(said);
    expect(ended).toBe(code);
    expect(englishIn(all)).toEqual([]);
  });

  it.each([
    ['report.html', '<html lang="es">'],
    ['flores/README.md', 'Con una placa en un puerto:'],
    ['flores/neurona.schema.json', 'pasadas por las filas'],
  ])('is Spanish in %s', (file, said) => {
    const text = readIn(folder, file);
    expect(text).toContain(said);
    expect(englishIn(text.replace(/<style>.*<\/style>/s, ''))).toEqual([]);
  });
});

describe('--lang es, where the environment says nothing,', () => {
  it.each([
    ['init jardin', 'siguiente: cd jardin && neurona --lang es train iris.csv'],
    ['train iris.csv --epochs 5 -o next.json', 'siguiente: neurona --lang es generate next.json --board uno'],
    ['quantize network.json -o next-model.json', 'siguiente: neurona --lang es generate next-model.json'],
    ['generate model.json --board host -o next', 'siguiente: neurona --lang es verify next DATOS --on host'],
    ['search iris.csv', 'por ejemplo: neurona --lang es search'],
    ['capture', 'neurona --lang es capture --port'],
  ])('stands in the command to type after neurona %s', async (words, said) => {
    const { stdout, stderr } = await runCli([...words.split(' '), '--lang', 'es'], folder);
    expect(stdout + stderr).toContain(said);
  });
});

describe('--json', () => {
  it.each([
    ['evaluate model.json iris.csv'],
    ['quantize network.json -o other.json'],
    ['estimate model.json --board mega'],
    ['boards'],
    ['train nowhere.csv'],
    ['train iris.csv --epochs none'],
  ])('neurona %s says the same in every language', async (words) => {
    const asked = [...words.split(' '), '--json'];
    const [english, spanish] = await Promise.all([
      runCli(asked, folder),
      runCli([...asked, '--lang', 'es'], folder, SPANISH),
    ]);
    expect(spanish.stdout).toBe(english.stdout);
    expect(spanish.code).toBe(english.code);
  });

  it('leaves the page in the language that was asked for', async () => {
    await runCli(['report', 'firmware', '--json', '--lang', 'es', '-o', 'page.html'], folder);
    expect(readIn(folder, 'page.html')).toBe(readIn(folder, 'report.html'));
  });
});

it('files for programs are the same in every language', async () => {
  const made = async (name: string, language: string): Promise<string[]> => {
    const run = (words: string): Promise<Run> => runCli([...words.split(' '), '--lang', language], folder);
    await run(`train iris.csv --epochs 5 --name iris -o ${name}.json`);
    await run(`generate ${name}.json --board host --name iris -o ${name}`);
    await run(`verify ${name} iris.csv --on host`);
    const verified = readIn(folder, `${name}/build/verification-host.json`);
    const { noCycles } = JSON.parse(verified) as { noCycles: string };
    return [
      ...[`${name}.json`, `${name}/neurona.json`, `${name}/model.json`].map((file) => readIn(folder, file)),
      noCycles,
    ];
  };
  expect(await made('uno-es', 'es')).toEqual(await made('one-en', 'en'));
});

it('one who asks for English gets it', async () => {
  const { stdout } = await runCli(['--lang=en', 'boards'], folder, SPANISH);
  expect(stdout).toContain('simulated');
});
