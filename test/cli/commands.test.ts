import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { allBoards } from '../../model/board.js';
import { networkFileText } from '../../model/network-text.js';
import type { Network } from '../../model/network.js';
import { isNewEnough } from '../../cli/checkup.js';
import { TOOLS } from '../../harness/toolchains.js';
import {
  folderWith,
  IRIS,
  POINTS_CSV,
  readIn,
  runCli,
  runFailing,
  runJson,
  temporaryFolder,
} from './run-cli.js';

const HASH = /^[0-9a-f]{64}$/;
const share = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
const keysOf = (object: object): string[] => Object.keys(object);

describe('from data to board, with the fields that scripts read', () => {
  const folder = temporaryFolder();
  let trained: Record<string, unknown>;

  beforeAll(async () => {
    const { code, object } = await runJson(
      ['train', IRIS, '--hidden', '8', '--epochs', '60', '--folds', '3'],
      folder,
    );
    expect(code).toBe(0);
    trained = object;
    const quantized = await runJson(['quantize', 'network.json'], folder);
    expect(quantized.code).toBe(0);
  });

  it('train', () => {
    expect(trained).toMatchObject({
      artifact: 'network.json',
      seed: 1,
      architecture: '4-8-3',
      rows: 150,
      trainRows: 120,
      testRows: 30,
      classes: ['setosa', 'versicolor', 'virginica'],
      epochs: 60,
      saturation: [0],
      warnings: [],
    });
    const { accuracy, quantizedAccuracy, folds } = trained as Record<string, Record<string, unknown>>;
    for (const value of [accuracy.train, accuracy.test, quantizedAccuracy.train, quantizedAccuracy.test])
      expect(value).toBeGreaterThan(0.85);
    expect(trained.agreement).toSatisfy(share);
    expect(trained.seconds).toBeGreaterThan(0);
    expect(trained.samplesPerSecond).toBeCloseTo((120 * 60) / (trained.seconds as number), 5);
    expect(folds.count).toBe(3);
    expect(folds.each).toHaveLength(3);
    expect(folds.accuracy).toSatisfy(share);
    expect(folds.quantizedAccuracy).toSatisfy(share);
  });

  it('evaluate, network and model alike', async () => {
    const [network, model] = await Promise.all(
      ['network.json', 'model.json'].map((file) => runJson(['evaluate', file, IRIS], folder)),
    );
    for (const { code, object } of [network, model]) {
      expect(code).toBe(0);
      const { rows, accuracy, confusion } = object as {
        rows: number;
        accuracy: number;
        confusion: number[][];
      };
      expect(rows).toBe(150);
      expect(confusion.flat().reduce((sum, count) => sum + count)).toBe(150);
      expect(confusion.map((row) => row.reduce((sum, count) => sum + count))).toEqual([50, 50, 50]);
      expect(accuracy).toBeCloseTo((confusion[0][0] + confusion[1][1] + confusion[2][2]) / 150, 12);
      expect(object.classes).toEqual(['setosa', 'versicolor', 'virginica']);
    }
    expect(network.object).toMatchObject({ artifact: 'network.json', modelHash: null });
    expect(model.object.modelHash).toMatch(HASH);
  });

  it('quantize', async () => {
    const { object } = await runJson(
      ['quantize', 'network.json', '-o', 'again.json', '--data', IRIS],
      folder,
    );
    expect(object.artifact).toBe('again.json');
    expect(object.modelHash).toMatch(HASH);
    expect(object.agreement).toBeGreaterThan(0.9);
    expect(object.layers).toHaveLength(2);
    for (const layer of object.layers as object[])
      expect(keysOf(layer)).toEqual(
        expect.arrayContaining(['inputs', 'outputs', 'weightBits', 'accumulatorBits', 'bound']),
      );
    expect(readIn(folder, 'again.json')).toBe(readIn(folder, 'model.json'));
    const blind = await runJson(['quantize', 'network.json', '-o', 'blind.json'], folder);
    expect(blind.object.agreement).toBeNull();
  });

  it('estimate, every board and one, as generate says it', async () => {
    const [all, one, constant, generated] = await Promise.all([
      runJson(['estimate', 'network.json'], folder),
      runJson(['estimate', 'model.json', '--board', 'uno', '--data', IRIS], folder),
      runJson(['estimate', 'model.json', '--board', 'uno', '--constant-time'], folder),
      runJson(['generate', 'network.json', '--board', 'uno', '-o', 'uno'], folder),
    ]);
    interface Estimated {
      readonly id: string;
      readonly flashBytes: number;
      readonly ramBytes: number;
      readonly cycles: { typical: number; worst: number } | null;
      readonly microseconds: number | null;
      readonly fits: boolean;
    }
    const boards = all.object.boards as Estimated[];
    expect(boards.map(({ id }) => id)).toEqual(allBoards().map(({ id }) => id));
    for (const { flashBytes, cycles, microseconds, fits } of boards) {
      expect(flashBytes).toBeGreaterThan(0);
      expect(fits).toBe(true);
      expect(cycles === null).toBe(microseconds === null);
      if (cycles) expect(cycles.worst).toBeGreaterThanOrEqual(cycles.typical);
    }
    const [uno] = one.object.boards as Estimated[];
    expect(uno).toMatchObject({ id: 'uno', fits: true });
    expect(uno.microseconds).toBeCloseTo(uno.cycles!.typical / 16, 6);
    expect(constant.object.typicalFrom).toBeNull();
    expect(one.object.typicalFrom).toBe(`150 rows of ${IRIS}`);
    expect(generated.object).toMatchObject({ flashBytes: uno.flashBytes, ramBytes: uno.ramBytes });
  });

  it('estimate says what was measured in place of a board', async () => {
    const estimate = async (...args: string[]): Promise<string> =>
      (await runCli(['estimate', 'model.json', ...args], folder)).stdout;
    const [all, esp32, uno] = await Promise.all([
      estimate(),
      estimate('--board', 'esp32'),
      estimate('--board', 'uno'),
    ]);
    const ofEsp32 = "learnt from code of LLVM; what is C, Espressif's GCC compiles otherwise";
    expect(all).toContain(`esp32, esp32-s2, esp32-s3: ${ofEsp32}\n`);
    expect(all).toMatch(/^nano-every: cycles of an ATmega328P/m);
    expect(all).not.toMatch(/portenta-h7:/);
    expect(esp32).toContain(`esp32: ${ofEsp32}\n`);
    expect(uno).not.toContain('learnt');
  });

  it('generate, build and verify on the host', { timeout: 60_000 }, async () => {
    const generated = await runJson(['generate', 'network.json', '--board', 'host', '-o', 'lib'], folder);
    const { object } = generated;
    expect(object).toMatchObject({ directory: 'lib', board: 'host', format: 'c', name: 'iris' });
    expect(object.accumulators).toHaveLength(2);
    expect(object.files).toContain('model.json');
    for (const file of object.files as string[])
      expect(existsSync(path.join(folder, 'lib', file))).toBe(true);
    expect(readIn(folder, 'lib/model.json')).toBe(readIn(folder, 'model.json'));
    expect(object.modelHash).toMatch(HASH);
    expect(object.flashBytes).toBeGreaterThan(0);
    expect(object.ramBytes).toBeGreaterThan(0);

    const built = await runJson(['build', 'lib'], folder);
    expect(built.object).toMatchObject({ fits: true, warnings: [], hex: null });
    expect(existsSync(path.join(folder, built.object.elf as string))).toBe(true);
    expect(built.object.flashBytes).toBeGreaterThan(0);
    expect(built.object.ramBytes).toBeGreaterThanOrEqual(0);

    const verified = await runJson(['verify', 'lib', IRIS], folder);
    expect(verified).toMatchObject({ code: 0 });
    expect(verified.object).toMatchObject({
      board: 'host',
      on: 'host',
      rows: 150,
      mismatches: 0,
      modelHash: object.modelHash,
      cycles: null,
      retries: 0,
    });
    expect(verified.object.accuracy).toBeGreaterThan(0.85);
    expect(verified.object.seconds).toBeGreaterThan(0);
  });

  it('the same on a simulated Uno, counting cycles', { timeout: 60_000 }, async () => {
    await runJson(['generate', 'model.json', '--board', 'uno', '-o', 'sketch'], folder);
    const { code, object } = await runJson(['verify', 'sketch', IRIS], folder);
    expect(code).toBe(0);
    expect(object).toMatchObject({ board: 'uno', on: 'simulator', rows: 150, mismatches: 0 });
    const { min, median, max } = object.cycles as Record<string, number>;
    expect(min).toBeGreaterThan(100);
    expect(median).toBeGreaterThanOrEqual(min);
    expect(max).toBeGreaterThanOrEqual(median);
    expect(object.microseconds).toMatchObject({ min: min / 16, max: max / 16 });
    const estimate = object.estimate as { typical: number; worst: number };
    expect(Math.abs(estimate.typical - median)).toBeLessThan(median / 100);
    expect(estimate.worst).toBeGreaterThanOrEqual(max);
  });

  it('says exit code 3 and the first rows where the device disagrees', { timeout: 60_000 }, async () => {
    await runJson(['generate', 'model.json', '--board', 'host', '-o', 'wrong'], folder);
    const source = path.join('wrong', 'iris.c');
    const text = readIn(folder, source);
    const broken = text.replace('accumulator = ', 'accumulator = 1 + ');
    writeFileSync(path.join(folder, source), broken === text ? text.replaceAll(' += ', ' -= ') : broken);
    const { code, object, stderr } = await runJson(['verify', 'wrong', IRIS], folder);
    expect(code).toBe(3);
    expect(object.mismatches).toBeGreaterThan(0);
    const first = object.firstMismatches as { row: number; expected: object; got: object }[];
    expect(first.length).toBe(Math.min(10, object.mismatches as number));
    expect(first[0].row).toBeGreaterThanOrEqual(1);
    expect(first[0].got).not.toEqual(first[0].expected);
    expect(stderr).toContain('[mismatch]');
  });

  it('refuses to verify a folder whose model was exchanged', async () => {
    await runJson(['generate', 'model.json', '--board', 'host', '-o', 'exchanged'], folder);
    await runJson(['train', IRIS, '--seed', '9', '--epochs', '2', '-o', 'other.json'], folder);
    await runJson(['quantize', 'other.json', '-o', path.join('exchanged', 'model.json')], folder);
    const { exit, error } = await runFailing(['verify', 'exchanged', IRIS], folder);
    expect(exit).toBe(1);
    expect(error.code).toBe('wrong-model');
  });

  it('names the command that makes the right kind of artefact', async () => {
    const model = await runFailing(['quantize', 'model.json'], folder);
    expect(model.exit).toBe(1);
    expect(model.error.message).toContain('neurona train');
    await runJson(['generate', 'model.json', '--board', 'host', '-o', 'kind'], folder);
    const manifest = await runFailing(['evaluate', path.join('kind', 'neurona.json'), IRIS], folder);
    expect(manifest.error.code).toBe('wrong-kind');
    expect(manifest.error.hint).toContain('neurona quantize');
  });

  it('keeps files of yours in the output folder', async () => {
    mkdirSync(path.join(folder, 'mine'));
    writeFileSync(path.join(folder, 'mine', 'notes.txt'), 'mine');
    const words = ['generate', 'model.json', '--board', 'host', '-o', 'mine'];
    const { exit, error } = await runFailing(words, folder);
    expect([exit, error.code]).toEqual([1, 'foreign-files']);
    expect((await runJson([...words, '--force'], folder)).code).toBe(0);
    expect(readIn(folder, path.join('mine', 'notes.txt'))).toBe('mine');
  });

  it('trains the same bytes from the same seed and others from another', async () => {
    const train = async (name: string, seed: string): Promise<string> => {
      await runJson(['train', IRIS, '--hidden', '8', '--epochs', '5', '--seed', seed, '-o', name], folder);
      return readIn(folder, name);
    };
    const [a, b, c] = await Promise.all([train('a.json', '4'), train('b.json', '4'), train('c.json', '5')]);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });
});

describe('quantize against data', () => {
  /** Both outputs lean on `a`, and `b` alone decides; in 4 bits its weight of 0.05 becomes 0, and ties go to `up`. */
  const network: Network = {
    name: 'lean',
    features: ['a', 'b'],
    classes: ['up', 'down'],
    targets: null,
    input: { rawType: 'int16', decimals: [0], mean: [0], deviation: [1], lowest: [-10], highest: [10] },
    layers: [
      {
        inputs: 2,
        outputs: 2,
        weights: Float64Array.of(1, 0.05, 1, -0.05),
        bias: new Float64Array(2),
        activation: 'softmax',
        range: null,
      },
    ],
    precision: { weightBits: 4, activationBits: 7, accumulator: 'auto' },
    training: {},
  };
  const rows = [1, 2, 3, 4].flatMap((b) => [`5,${b},up`, `5,${-b},down`]);
  const folder = folderWith({
    'network.json': networkFileText(network).text,
    'data.csv': `a,b,way\n${rows.join('\n')}\n`,
  });
  const words = ['quantize', 'network.json', '--data', 'data.csv'];

  it('refuses a model that lost more than the limit, and writes nothing', async () => {
    const old = '{ "neurona": "model" }, an old one';
    writeFileSync(path.join(folder, 'model.json'), old);
    for (const limit of [[], ['--max-drop', '49.9']]) {
      const { exit, error } = await runFailing([...words, ...limit], folder);
      expect([exit, error.code]).toEqual([1, 'accuracy-drop']);
      expect(error.message).toContain('from 100.0 % to 50.0 %, by 50.0 points');
      expect(readIn(folder, 'model.json')).toBe(old);
    }
  });

  it('accepts what the limit allows', async () => {
    const { code, object } = await runJson([...words, '--max-drop', '50', '-o', 'lossy.json'], folder);
    expect(code).toBe(0);
    expect(object).toMatchObject({ agreement: 0.5, accuracy: { float: 1, quantized: 0.5 } });
    expect(readIn(folder, 'lossy.json')).toContain('"neurona": "model"');
  });
});

describe('output that cannot be written', () => {
  const folder = folderWith({ 'points.csv': POINTS_CSV, 'a-file': 'old' });
  mkdirSync(path.join(folder, 'a-folder'));

  it.each([
    ['missing/network.json', 'its folder does not exist'],
    ['a-file/network.json', 'part of its path is a file, not a folder'],
    ['a-folder', 'it is a folder'],
  ])('%s', async (file, reason) => {
    const { exit, error } = await runFailing(['train', 'points.csv', '--epochs', '1', '-o', file], folder);
    expect(exit).toBe(1);
    expect(error).toMatchObject({ code: 'cannot-write', file, message: `cannot write it: ${reason}` });
    expect(readIn(folder, 'a-file')).toBe('old');
  });

  it('nor read, in words and not those of the operating system', async () => {
    const cases = [
      ['evaluate', 'a-folder', 'points.csv'],
      ['evaluate', 'a-file/network.json', 'points.csv'],
      ['train', 'a-file/points.csv'],
      ['boards', '--config', 'a-folder'],
      ['boards', '--config', 'a-file/config.json'],
      ['init', 'a-file'],
      ['init', 'a-file/project'],
    ];
    for (const words of cases) {
      const { exit, error } = await runFailing(words, folder);
      expect(exit, words.join(' ')).toBe(1);
      expect(error.code, words.join(' ')).toMatch(/^cannot-(read|write)$/);
      expect(error.message, words.join(' ')).toMatch(/^cannot (read|write) it: [a-z ,]+$/);
    }
  });

  it('of a failed command leaves the old file intact', async () => {
    writeFileSync(path.join(folder, 'bad.csv'), 'a,b\n1,x\n2\n');
    const { exit } = await runFailing(['train', 'bad.csv', '-o', 'a-file'], folder);
    expect(exit).toBe(1);
    expect(readIn(folder, 'a-file')).toBe('old');
  });
});

describe('training that diverges', () => {
  it('keeps the last good network and exits 1', async () => {
    const folder = folderWith({ 'points.csv': POINTS_CSV });
    const words = [
      '--optimizer',
      'sgd',
      '--learning-rate',
      '1000',
      '--activation',
      'elu',
      '--no-fixed-point',
    ];
    const more = ['--hidden', '16,16,16', '--output', 'identity', '--loss', 'mse', '--momentum', '0.99'];
    const { exit, error } = await runFailing(['train', 'points.csv', ...words, ...more], folder);
    expect([exit, error.code]).toEqual([1, 'diverged']);
    expect(readIn(folder, 'network.json')).toContain('"neurona": "network"');
    expect(await runJson(['evaluate', 'network.json', 'points.csv'], folder)).toMatchObject({ code: 0 });
  });

  it('in its first epoch leaves an earlier network as it was', async () => {
    const folder = folderWith({ 'points.csv': POINTS_CSV });
    await runJson(['train', 'points.csv', '--epochs', '2'], folder);
    const earlier = readIn(folder, 'network.json');
    const words = ['--optimizer', 'sgd', '--learning-rate', '1000', '--output', 'identity', '--loss', 'mse'];
    const { exit, error } = await runFailing(
      [
        'train',
        'points.csv',
        ...words,
        '--batch',
        '1',
        '--momentum',
        '0.99',
        '--no-fixed-point',
        '--hidden',
        '16,16',
      ],
      folder,
    );
    expect([exit, error.code]).toEqual([1, 'diverged']);
    expect(error.message).toContain('after 0 epochs');
    expect(readIn(folder, 'network.json')).toBe(earlier);
  });
});

describe('the rest', () => {
  it('boards', async () => {
    const { object } = await runJson(['boards'], temporaryFolder());
    expect(object.boards).toEqual(allBoards());
  });

  it.each([
    ['mega', 'simulator'],
    ['esp32-c3', 'qemu'],
    ['leonardo', '–'],
    ['host', 'host'],
  ])('boards: without hardware %s runs first on: %s', async (id, way) => {
    const { stdout } = await runCli(['boards'], temporaryFolder());
    expect(stdout).toMatch(new RegExp(`^${id} .*  ${way}$`, 'm'));
  });

  it('doctor names what is missing with its install command, exit 4', async () => {
    const folder = temporaryFolder();
    const all = await runJson(['doctor'], folder);
    const { checks } = all.object as { checks: { name: string; isFine: boolean; mend: string | null }[] };
    const names = checks.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([`node ${process.version}`, ...TOOLS.map(({ name }) => name), 'avrdude']),
    );
    for (const { isFine, mend } of checks) expect(mend === null).toBe(isFine);
    const none = await runCli(['doctor', '--json'], folder, { PATH: folder });
    expect(none.code).toBe(4);
    const { install } = JSON.parse(none.stdout) as { install: string };
    expect(install).toContain('sudo apt-get install gcc-avr');
    expect(none.stderr).toContain('avr-gcc');
    // What a usual build needs, and nothing of what but some boards do.
    const lines = await runCli(['doctor'], folder, { PATH: folder });
    expect(lines.stderr).toMatch(
      /^ *hint: sudo apt-get install gcc-avr binutils-avr(?: avr-libc)? gcc binutils$/m,
    );
  });

  it.each([
    ['v20.19.0', true],
    ['v20.18.9', false],
    ['v18.20.0', false],
    ['v22.1.0', true],
    ['v100.0.0', true],
  ])('doctor on node %s: %s', (version, isFine) => {
    expect(isNewEnough(version, '>=20.19')).toBe(isFine);
  });

  it('build without a compiler names it, exit 4', async () => {
    const folder = folderWith({ 'points.csv': POINTS_CSV });
    await runJson(['train', 'points.csv', '--epochs', '1'], folder);
    await runJson(['generate', 'network.json', '--board', 'uno', '-o', 'sketch'], folder);
    const { code, stdout } = await runCli(['build', 'sketch', '--json'], folder, { PATH: folder });
    expect(code).toBe(4);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
    expect(error.code).toBe('missing-tool');
    expect(error.hint).toContain('apt-get install');
  });

  it('init makes a project whose next commands work, and overwrites nothing', async () => {
    const folder = temporaryFolder();
    const made = await runJson(['init', 'flowers'], folder);
    expect(made.object.files).toHaveLength(4);
    const project = path.join(folder, 'flowers');
    expect(await runJson(['train', 'iris.csv', '--epochs', '3'], project)).toMatchObject({ code: 0 });
    expect(await runJson(['generate', 'network.json'], project)).toMatchObject({ code: 0 });
    const { exit, error } = await runFailing(['init', 'flowers'], folder);
    expect([exit, error.code]).toEqual([1, 'exists']);
  });
});
