import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAST_CLOCK, interrupt, noisyCsv, startCli, TWO_EPOCHS } from './interrupted-runs.js';
import { folderWith, readIn, runCli, runFailing, runJson } from './run-cli.js';

/** Faults 69 and 74 with real processes: two trainings on one artefact, and those that were killed. */

const DATA = noisyCsv(400);
const folders: string[] = [];
const folderOf = (): string => {
  const folder = folderWith({ 'rows.csv': DATA });
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const SHORT = ['train', 'rows.csv', '--epochs', '30'];
const LONG = ['train', 'rows.csv', '--epochs', '100000', '--dropout', '0.1'];
const LOCK = 'network.json.lock';
const CHECKPOINT = 'network.checkpoint.json';

function leaveLock(folder: string, owner: object | string): void {
  mkdirSync(path.join(folder, LOCK));
  const text = typeof owner === 'string' ? owner : JSON.stringify(owner);
  writeFileSync(path.join(folder, LOCK, 'owner.json'), text);
}

describe('two trainings on one artefact', () => {
  it('the second refuses, naming the first, and may train for another file', async () => {
    const folder = folderOf();
    const first = startCli(LONG, folder);
    await first.hasSaid(TWO_EPOCHS);
    const { exit, error } = await runFailing(SHORT, folder);
    expect([exit, error.code, error.file]).toEqual([1, 'in-use', 'network.json']);
    expect(error.message).toContain(`process ${first.child.pid} `);
    expect((await runFailing([...SHORT, '-o', './network.json'], folder)).error.code).toBe('in-use');
    expect((await runJson([...SHORT, '-o', 'other.json'], folder)).code).toBe(0);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    expect(readdirSync(folder).sort()).toEqual([CHECKPOINT, 'other.json', 'rows.csv']);
    expect((await runJson(SHORT, folder)).code).toBe(0);
  });

  it('of many that start at once beside a stale lock one gets it', async () => {
    const folder = folderOf();
    leaveLock(folder, { pid: 2 ** 22 + 1, host: hostname(), began: null });
    const all = Array.from({ length: 5 }, () => startCli(LONG, folder));
    const outcomes = all.map(({ hasSaid, ended }) =>
      Promise.race([hasSaid(TWO_EPOCHS).then(() => 'trains'), ended.then(({ stderr }) => stderr)]).catch(
        () => '',
      ),
    );
    const said = await Promise.all(outcomes);
    expect(said.filter((text) => text === 'trains')).toHaveLength(1);
    all.forEach(({ child }) => child.kill('SIGINT'));
    const codes = (await Promise.all(all.map(({ ended }) => ended))).map(({ code }) => code);
    expect(codes.sort()).toEqual([1, 1, 1, 1, 130]);
    expect(readdirSync(folder).sort()).toEqual([CHECKPOINT, 'rows.csv']);
  });

  it.each<[string, object | string, boolean]>([
    ['a process that is gone', { pid: 2 ** 22 + 1, host: hostname(), began: null }, true],
    [
      'a process whose number another one has now',
      { pid: process.pid, host: hostname(), began: 'long ago' },
      true,
    ],
    ['nobody', '{', true],
    ['a process that runs', { pid: process.pid, host: hostname(), began: null }, false],
    ['a process elsewhere', { pid: 1, host: 'elsewhere', began: null }, false],
  ])('the lock of %s', async (_, owner, isTaken) => {
    const folder = folderOf();
    leaveLock(folder, owner);
    if (isTaken) {
      expect((await runJson(SHORT, folder)).code).toBe(0);
      expect(readdirSync(folder).sort()).toEqual(['network.json', 'rows.csv']);
    } else {
      const { exit, error } = await runFailing(SHORT, folder);
      expect([exit, error.code]).toEqual([1, 'in-use']);
      expect(readdirSync(folder).sort()).toEqual([LOCK, 'rows.csv']);
    }
  });
});

describe('a training that is killed', () => {
  const words = ['train', 'rows.csv', '--epochs', '200'];

  /** The process kills itself in the `count`-th call of this function on a file of that name, a write half done. */
  const killAt = (call: string, name: RegExp, count: number): string => `
    import fs from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    ${FAST_CLOCK}
    const files = new Map();
    let left = ${count};
    const isTime = (file) => isMainThread && ${String(name)}.test(files.get(file) ?? file) && --left === 0;
    const { openSync, writeSync } = fs;
    fs.openSync = (file, ...rest) => {
      const opened = openSync(file, ...rest);
      files.set(opened, file);
      return opened;
    };
    const original = fs.${call};
    fs.${call} = (file, ...rest) => {
      if (!isTime(file)) return original(file, ...rest);
      if (original === writeSync) writeSync(file, rest[0], rest[1], rest[2] >> 1);
      process.kill(process.pid, 'SIGKILL');
    };`;

  let whole: string;
  beforeAll(async () => {
    const folder = folderOf();
    await runCli(words, folder);
    whole = readIn(folder, 'network.json');
  });

  const LOCKED = /network\.json\.lock/;
  const SAVED = /checkpoint\.json\./;
  const TRAINED = /network\.json\.\d+\.tmp/;
  it.each([
    ['writeSync', LOCKED, 1, false],
    ['renameSync', LOCKED, 1, false],
    ['writeSync', SAVED, 1, false],
    ['renameSync', SAVED, 1, false],
    ['openSync', SAVED, 2, true],
    ['writeSync', SAVED, 2, true],
    ['renameSync', SAVED, 2, true],
    ['writeSync', TRAINED, 1, true],
    ['renameSync', TRAINED, 1, true],
  ] as const)('in %s of %s, time %d, leaves nothing torn, and what is there continues', async (...death) => {
    const [call, name, count, isSaved] = death;
    const folder = folderOf();
    expect((await startCli(words, folder, killAt(call, name, count)).ended).code).toBeNull();
    expect(existsSync(path.join(folder, 'network.json'))).toBe(false);
    expect(existsSync(path.join(folder, CHECKPOINT))).toBe(isSaved);
    const resume = isSaved ? ['--resume', CHECKPOINT] : [];
    expect((await runJson([...words, ...resume], folder)).code).toBe(0);
    expect(readIn(folder, 'network.json')).toBe(whole);
    for (const gone of [LOCK, CHECKPOINT]) expect(readdirSync(folder)).not.toContain(gone);
  });

  it('after its last epoch continues without another one, and then removes the checkpoint too', async () => {
    const folder = folderOf();
    const short = ['train', 'rows.csv', '--epochs', '1'];
    await startCli(short, folder, killAt('writeSync', TRAINED, 1)).ended;
    expect(readdirSync(folder)).toContain(CHECKPOINT);
    const { object } = await runJson([...short, '--resume', CHECKPOINT], folder);
    expect(object).toMatchObject({ epochs: 1, resumedEpochs: 1 });
    expect(readdirSync(folder)).not.toContain(CHECKPOINT);
  });
});

describe('a disk that is full', () => {
  const FULL = `
    import fs from 'node:fs';
    const { openSync, writeSync } = fs;
    const files = new Map();
    fs.openSync = (file, ...rest) => {
      const opened = openSync(file, ...rest);
      files.set(opened, String(file));
      return opened;
    };
    fs.writeSync = (opened, ...rest) => {
      if (!files.get(opened)?.includes('checkpoint')) return writeSync(opened, ...rest);
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };`;

  it('on Ctrl-C: says that there is no new checkpoint, and leaves the earlier one', async () => {
    const folder = folderOf();
    expect((await interrupt(LONG, folder)).code).toBe(130);
    const before = readIn(folder, CHECKPOINT);
    const again = await interrupt([...LONG, '--resume', CHECKPOINT], folder, { preload: FULL });
    expect(again.code).toBe(130);
    expect(again.stderr).toMatch(/interrupted after epoch \d+ of 100000; no checkpoint: .*the disk is full/);
    expect(readIn(folder, CHECKPOINT)).toBe(before);
    expect(readdirSync(folder).sort()).toEqual([CHECKPOINT, 'rows.csv']);
  });

  it('in the midst of a training is a warning, and the training goes on', async () => {
    const folder = folderOf();
    const { code, stderr } = await startCli(SHORT, folder, `${FULL}\n${FAST_CLOCK}`).ended;
    expect(code).toBe(0);
    expect(stderr).toContain(`warning: ${CHECKPOINT}: no checkpoint: cannot write it: the disk is full`);
    expect(readdirSync(folder).sort()).toEqual(['network.json', 'rows.csv']);
  });
});
