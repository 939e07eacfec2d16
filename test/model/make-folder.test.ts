import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileReason } from '../../model/file-error.js';
import { makeFolder } from '../../model/make-folder.js';

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-folders-'));
afterAll(() => rmSync(folder, { recursive: true }));

const reasonOf = (name: string): string => {
  try {
    makeFolder(path.join(folder, name));
    return 'made';
  } catch (error) {
    return fileReason(error);
  }
};

describe('a folder', () => {
  it.each(['one', 'one', 'one/', 'a/b/c', 'a/b/../d', '.'])('%s is made, with those above it', (name) => {
    expect(reasonOf(name)).toBe('made');
    expect(statSync(path.join(folder, name)).isDirectory()).toBe(true);
  });

  it('that is there keeps what it holds', () => {
    mkdirSync(path.join(folder, 'full'));
    writeFileSync(path.join(folder, 'full', 'file'), '');
    expect(reasonOf('full')).toBe('made');
    expect(existsSync(path.join(folder, 'full', 'file'))).toBe(true);
  });

  it.each([
    ['file', 'a file of that name is there'],
    ['file/below', 'part of its path is a file, not a folder'],
    ['x'.repeat(300), 'its name is too long'],
  ])('%s says why it cannot be', (name, reason) => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(reasonOf(name)).toBe(reason);
  });

  it.runIf(existsSync('/proc/self')).each(['/proc/x', '/proc/x/y/z'])(
    '%s is refused and not tried for ever',
    (name) => {
      expect(() => makeFolder(name)).toThrow('no folder can be made in /proc');
    },
  );
});
