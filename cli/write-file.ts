import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { rejectData } from '../model/problem.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'part of its path is a file, not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

function rejectWrite(file: string, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  rejectData('cannot-write', `cannot write it: ${REASONS[code ?? ''] ?? message}`, {
    file,
    hint: 'choose another path, or make the folder writable; nothing was changed',
  });
}

/** Throws the `Problem` that writing would, before hours of training are lost to it. */
export function checkWritable(file: string): void {
  try {
    const folder = path.dirname(path.resolve(file));
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
      throw Object.assign(new Error(), { code: 'EISDIR' });
  } catch (error) {
    rejectWrite(file, error);
  }
}

/** Writes beside the file and renames over it: whoever looks finds the old file or the new one, never a part. */
export function writeFile(file: string, text: string): void {
  try {
    writeFileAtomic.sync(file, text);
  } catch (error) {
    rejectWrite(file, error);
  }
}

/** Makes a folder and those above it. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    rejectWrite(folder, error);
  }
}
