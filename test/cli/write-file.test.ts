import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeFile } from '../../cli/write-file.js';
import { Problem } from '../../model/problem.js';
import { temporaryFolder } from './run-cli.js';

/** Faults 69 and 72: the old file or the new one, never a part, wherever the disk fills up or the process dies. */

const OLD = 'what was there before\n';
const NEW = `${'naïve '.repeat(40)}\n`;
const BYTES = Buffer.byteLength(NEW);

let folder: string;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = path.join(folder, 'network.json');
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const { writeSync } = fs;
const full = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};

/** A disk with room for so many bytes: the write that meets its end is cut short, and only the next one fails. */
function fillDisk(room: number): void {
  let left = room;
  vi.spyOn(fs, 'writeSync').mockImplementation(((
    opened: number,
    bytes: Buffer,
    at: number,
    length: number,
  ) => {
    if (left === 0) return full();
    const written = writeSync(opened, bytes, at, Math.min(length, left));
    left -= written;
    return written;
  }) as typeof fs.writeSync);
}

describe.each([
  ['an old file', OLD],
  ['no old file', null],
])('with %s', (_, old) => {
  const expectOld = (where: string) => {
    expect(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null, where).toBe(old);
  };
  beforeEach(() => {
    if (old !== null) fs.writeFileSync(file, old);
  });

  it('a disk that is full after any byte leaves it, and nothing beside it', () => {
    for (let room = 0; room < BYTES; room++) {
      fillDisk(room);
      let problem: unknown;
      try {
        writeFile(file, NEW);
      } catch (error) {
        problem = error;
      }
      vi.restoreAllMocks();
      expect(problem).toBeInstanceOf(Problem);
      const { code, message } = (problem as Problem).details;
      expect([code, message]).toEqual(['cannot-write', 'cannot write it: the disk is full']);
      expectOld(`room for ${room} bytes`);
      expect(fs.readdirSync(folder)).toEqual(old === null ? [] : ['network.json']);
    }
    fillDisk(BYTES);
    writeFile(file, NEW);
    expect(fs.readFileSync(file, 'utf8')).toBe(NEW);
  });

  it('a death at any step, or after any byte, leaves it, or the new one whole', () => {
    const steps = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'] as const;
    const die = (step: (typeof steps)[number], bytes: number) => {
      // A dead process does nothing more, so neither does the disk: no clean-up either.
      const dead = () => {
        for (const name of [...steps, 'rmSync'] as const) vi.spyOn(fs, name).mockImplementation(gone);
        return gone();
      };
      const gone = (): never => {
        throw new Error('dead');
      };
      vi.spyOn(fs, step).mockImplementation(((opened: number, content: Buffer) => {
        if (step === 'writeSync') writeSync(opened, content, 0, bytes);
        return dead();
      }) as never);
      expect(() => writeFile(file, NEW)).toThrow();
      vi.restoreAllMocks();
      expectOld(`${step} ${bytes}`);
      fs.readdirSync(folder)
        .filter((name) => name !== 'network.json')
        .forEach((name) => fs.rmSync(path.join(folder, name)));
    };
    for (const step of steps) {
      for (let bytes = 0; bytes <= (step === 'writeSync' ? BYTES : 0); bytes++) die(step, bytes);
    }
    writeFile(file, NEW);
    expect(fs.readFileSync(file, 'utf8')).toBe(NEW);
  });
});

it('keeps the permissions of a file and the link that leads to it', () => {
  const target = path.join(folder, 'elsewhere.json');
  fs.writeFileSync(target, OLD, { mode: 0o640 });
  fs.symlinkSync(target, file);
  writeFile(file, NEW);
  expect(fs.lstatSync(file).isSymbolicLink()).toBe(true);
  expect(fs.readFileSync(target, 'utf8')).toBe(NEW);
  expect(fs.statSync(target).mode & 0o777).toBe(0o640);
});
