import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { isShown } from '../documentation/console-blocks.js';
import { FAST_CLOCK, interrupt, noisyCsv, startCli, TWO_EPOCHS } from './interrupted-runs.js';
import { folderWith, MAIN, readIn, runCli, runFailing, runJson, type ErrorFields } from './run-cli.js';

/** Faults 43, 68, 70, 71 and 78: what Ctrl-C leaves, and what continues it. */

const DATA = noisyCsv(600);
const folders: string[] = [];
const folderOf = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = folderWith({ 'rows.csv': DATA, ...files });
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** Trainings by the WebAssembly engine and by the reference, which has whole batches of few rows. */
const TRAINERS = {
  engine: ['train', 'rows.csv', '--epochs', '240', '--patience', '200', '--hidden', '32,16'],
  reference: [
    'train',
    'rows.csv',
    '--epochs',
    '60',
    '--batch',
    'full',
    '--hidden',
    '64,32',
    '--dropout',
    '0.1',
  ],
} as const;
const CHECKPOINT = 'network.checkpoint.json';

/** Runs a line of shell, in which `neurona` is the program. */
async function runShell(line: string, folder: string): Promise<number | null> {
  const script = `neurona() { '${process.execPath}' '${MAIN}' "$@"; }; ${line}`;
  const child = spawn('sh', ['-c', script], { cwd: folder, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

const hintOf = (stderr: string): string => /hint: continue with: (.*)/.exec(stderr)?.[1] ?? '';

it('says what docs/training.md shows of it', async () => {
  const page = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'training.md'), 'utf8');
  const [shown, epochs] = /^network\.checkpoint\.json: error: .* of (\d+);.*\nhint: .*$/m.exec(page)!;
  const { stderr } = await interrupt(['train', 'rows.csv', '--epochs', epochs], folderOf());
  const said = stderr.slice(stderr.indexOf('network.checkpoint.json: error')).replace(' --verbose', '');
  expect(isShown(shown.replace(/(?<=epoch )\d+/g, '…'), said), said).toBe(true);
});

describe.each([
  ['engine', TRAINERS.engine, ['SIGINT', 'SIGTERM', 'SIGHUP']],
  ['reference', TRAINERS.reference, ['SIGINT']],
] as const)('the %s', (_, words, signals) => {
  let whole: string;
  beforeAll(async () => {
    const folder = folderOf();
    expect((await runCli(words, folder)).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['network.json', 'rows.csv']);
    whole = readIn(folder, 'network.json');
  }, 60_000);

  it.each(signals)(
    '%s: exit 130, a checkpoint and the command that ends in the same bytes',
    async (signal) => {
      const folder = folderOf();
      const { code, stdout, stderr } = await interrupt(words, folder, { signal });
      expect([code, stdout]).toEqual([130, '']);
      expect(stderr).toMatch(
        /error: interrupted after epoch \d+ of \d+; the checkpoint is that of epoch \d+ /,
      );
      expect(readdirSync(folder).sort()).toEqual([CHECKPOINT, 'rows.csv']);
      expect(await runShell(hintOf(stderr), folder)).toBe(0);
      expect(readIn(folder, 'network.json')).toBe(whole);
      expect(readdirSync(folder).sort()).toEqual(['network.json', 'rows.csv']); // no checkpoint any more
    },
  );

  it('interrupted again and again', async () => {
    const folder = folderOf();
    let run = await interrupt(words, folder);
    for (let k = 0; k < 2; k++) {
      expect(run.code).toBe(130);
      run = await interrupt([...words, '--resume', CHECKPOINT], folder);
      expect(hintOf(run.stderr).match(/--resume/g)).toHaveLength(1);
    }
    expect(await runShell(hintOf(run.stderr), folder)).toBe(0);
    expect(readIn(folder, 'network.json')).toBe(whole);
  });
});

describe('Ctrl-C', () => {
  const words = TRAINERS.engine;

  it('sent twice, as npx does, loses nothing', async () => {
    const folder = folderOf();
    const { child, hasSaid, ended } = startCli(words, folder);
    await hasSaid(TWO_EPOCHS);
    for (let k = 0; k < 10; k++) child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect((await runJson([...words, '--resume', CHECKPOINT], folder)).code).toBe(0);
  });

  it('is one JSON object with --json, naming the checkpoint', async () => {
    const { code, stdout } = await interrupt([...words, '--json'], folderOf());
    const { error } = JSON.parse(stdout) as { error: ErrorFields };
    expect(code).toBe(130);
    expect(error).toMatchObject({ code: 'interrupted', file: CHECKPOINT });
    expect(error.hint).toContain(`--resume ${CHECKPOINT}`);
  });

  it('does not wait for an epoch that takes long, and leaves the earlier network as it was', async () => {
    const folder = folderOf({ 'network.json': '{\n  "neurona": "network",\n  "mine": 1\n}\n' });
    // Minutes of an epoch: whole batches are for the reference, and its layers are wide.
    const slow = ['--batch', 'full', '--hidden', '2000,2000,2000', '--folds', '2'];
    const { child, hasSaid, ended } = startCli(['train', 'rows.csv', ...slow], folder);
    await hasSaid('cross-validating');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted before the end of an epoch');
    expect(readdirSync(folder).sort()).toEqual(['network.json', 'rows.csv']);
    expect(readIn(folder, 'network.json')).toContain('"mine": 1');
  });

  it('before the first epoch of a continued run says how to continue, and keeps the checkpoint', async () => {
    const folder = folderOf();
    await interrupt(words, folder);
    const before = readIn(folder, CHECKPOINT);
    const again = [...words, '--resume', CHECKPOINT, '--folds', '2'];
    const { child, hasSaid, ended } = startCli(again, folder);
    await hasSaid('cross-validating');
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect([code, hintOf(stderr)]).toEqual([130, `neurona ${again.join(' ')} --verbose`]);
    expect(readIn(folder, CHECKPOINT)).toBe(before);
  });

  it('prints a command that a shell understands, whatever the names', async () => {
    const folder = folderOf({ "it's here; $HOME.csv": DATA });
    const named = [
      'train',
      "it's here; $HOME.csv",
      '--epochs',
      '60',
      '-o',
      'a "net" & co.json',
      '--name',
      'x y',
    ];
    const { code, stderr } = await interrupt(named, folder);
    expect(code).toBe(130);
    expect(await runShell(hintOf(stderr), folder)).toBe(0);
    expect(existsSync(path.join(folder, 'a "net" & co.json'))).toBe(true);
  });

  it('of a second attempt does not replace a checkpoint of the same run that came further', async () => {
    const folder = folderOf();
    const slow = TRAINERS.reference;
    await interrupt(slow, folder, { after: 'epoch 12 of' });
    const before = readIn(folder, CHECKPOINT);
    const { stderr } = await interrupt(slow, folder);
    expect(stderr).toContain(`add --resume ${CHECKPOINT} to continue that one`);
    expect(readIn(folder, CHECKPOINT)).toBe(before);
    await interrupt([...slow, '--seed', '2'], folder);
    expect(readIn(folder, CHECKPOINT)).not.toBe(before); // another run's is
  });

  it('leaves a file alone that is no checkpoint', async () => {
    const folder = folderOf({ [CHECKPOINT]: 'mine' });
    const { exit, error } = await runFailing(words, folder);
    expect([exit, error.code, error.file]).toEqual([1, 'would-overwrite', CHECKPOINT]);
    expect(readdirSync(folder).sort()).toEqual([CHECKPOINT, 'rows.csv']);
  });
});

describe('a checkpoint of another run is refused, naming the difference', () => {
  let folder: string;
  let files: Record<string, string>;
  const words = ['train', 'rows.csv', '--epochs', '300'];
  beforeAll(async () => {
    folder = folderOf({ 'more.csv': `${DATA}0,0,0,0,0,0,0,0,1\n` });
    expect((await interrupt(words, folder)).code).toBe(130);
    files = { [CHECKPOINT]: readIn(folder, CHECKPOINT) };
  });

  it.each<[string, string[], string, string]>([
    [
      'other rows',
      ['more.csv', '--epochs', '300', '--name', 'rows'],
      'changed-data',
      'the data is no longer',
    ],
    ['epochs', ['rows.csv'], 'changed-options', '--epochs was 300 and is '],
    ['seed', [...words.slice(1), '--seed', '3'], 'changed-options', '--seed was 1 and is 3'],
    [
      'optimiser',
      [...words.slice(1), '--optimizer', 'sgd'],
      'changed-options',
      '--optimizer was "adam" and is "sgd"',
    ],
    ['layers', [...words.slice(1), '--hidden', '9,9'], 'changed-options', '--hidden was [8] and is [9,9]'],
    ['bits', [...words.slice(1), '--bits', '4'], 'changed-options', '--bits was 8 and is 4'],
    [
      'rows to test',
      [...words.slice(1), '--test-split', '0'],
      'changed-options',
      '--test-split was 0.2 and is 0',
    ],
    ['label', [...words.slice(1), '--label', 'h'], 'changed-options', 'the list of features was ["a","b"'],
    ['name', [...words.slice(1), '--name', 'it'], 'changed-options', '--name was "rows" and is "it"'],
  ])('%s', async (_, [file, ...rest], code, part) => {
    const { exit, error } = await runFailing(['train', file, ...rest, '--resume', CHECKPOINT], folder);
    expect(error).toMatchObject({ file: CHECKPOINT });
    expect([exit, error.code]).toEqual([1, code]);
    expect(error.message).toContain(part);
    if (code === 'changed-options') {
      expect(error.hint).toBe(
        `continue it as it was begun: neurona ${words.join(' ')} --verbose --resume ${CHECKPOINT}`,
      );
    }
    expect(existsSync(path.join(folder, 'network.json'))).toBe(false);
    expect(readIn(folder, CHECKPOINT)).toBe(files[CHECKPOINT]);
  });

  it('accepts the same options however they are given, and leaves a checkpoint elsewhere where it is', async () => {
    const other = folderOf({
      ...files,
      'neurona.config.json': JSON.stringify({ train: { epochs: 300, hidden: [8], resume: CHECKPOINT } }),
    });
    const { code, object } = await runJson(['train', 'rows.csv', '-o', 'other.json'], other);
    expect(code).toBe(0);
    expect(object.resumedEpochs).toBeGreaterThan(0);
    expect(object.resumedEpochs).toBeLessThan(300);
    expect(object.epochs).toBe(300);
    expect(readIn(other, CHECKPOINT)).toBe(files[CHECKPOINT]);
  });
});

it('the hash that is recorded is that of the rows that were read (fault 78)', async () => {
  const words = TRAINERS.engine;
  const folder = folderOf();
  const hashOf = () =>
    (JSON.parse(readIn(folder, 'network.json')) as { training: { data: string } }).training.data;
  await runCli(words, folder);
  const [hash, network] = [hashOf(), readIn(folder, 'network.json')];
  const { hasSaid, ended } = startCli(words, folder);
  await hasSaid(TWO_EPOCHS);
  writeFileSync(path.join(folder, 'rows.csv'), noisyCsv(50));
  expect((await ended).code).toBe(0);
  expect(readIn(folder, 'network.json')).toBe(network);
  await runCli(words, folder);
  expect(hashOf()).not.toBe(hash);
});

it('jumps of the clock change nothing (fault 73)', async () => {
  const words = TRAINERS.engine;
  const [still, jumping] = [folderOf(), folderOf()];
  await runCli(words, still);
  const jumps = 'let t = 0; Date.now = () => (t = 3e12 - t);';
  const { hasSaid, ended } = startCli([...words, '--json'], jumping, jumps);
  await hasSaid(TWO_EPOCHS);
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  const { seconds } = JSON.parse(stdout) as { seconds: number };
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(60);
  expect(readIn(jumping, 'network.json')).toBe(readIn(still, 'network.json'));
});

it('a run that diverges keeps the last good network, and its last checkpoint (fault 43)', async () => {
  const folder = folderOf();
  const linear = ['--activation', 'identity', '--output', 'identity', '--loss', 'mse', '--no-fixed-point'];
  const steep = ['--optimizer', 'sgd', '--schedule', 'constant', '--batch', 'full', '--learning-rate', '0.5'];
  const words = ['train', 'rows.csv', ...linear, ...steep, '--epochs', '900'];
  const { code, stderr } = await startCli(words, folder, FAST_CLOCK).ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining('[diverged]')]);
  expect(readdirSync(folder).sort()).toEqual([CHECKPOINT, 'network.json', 'rows.csv']);
  const network = readIn(folder, 'network.json');
  expect((await runJson(['evaluate', 'network.json', 'rows.csv'], folder)).code).toBe(0);
  const { exit, error } = await runFailing([...words, '--resume', CHECKPOINT], folder);
  expect([exit, error.code]).toEqual([1, 'diverged']);
  expect(readIn(folder, 'network.json')).toBe(network);
});
