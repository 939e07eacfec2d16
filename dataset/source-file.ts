import { open, stat, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Problem, rejectData } from '../model/problem.js';

/** A data file as it was at one moment. */
export interface SourceFile {
  readonly file: string;
  /** What is on the disk. */
  readonly bytes: Buffer;
  /** The same, unpacked where it was gzip. */
  readonly content: Buffer;
}

/** Bytes of a data file, on disk and unpacked; more would leave no room for the numbers in it. */
export const FILE_LIMIT = 2 ** 30;

const GZIP_MAGIC = [0x1f, 0x8b];

const unpack = promisify(gunzip);

function rejectSize(file: string, found: string): never {
  rejectData('file-too-large', `${found} than the ${FILE_LIMIT} bytes a data file may have`, {
    file,
    hint: 'use a part of the rows',
  });
}

async function unpacked(file: string, bytes: Buffer): Promise<Buffer> {
  if (!GZIP_MAGIC.every((byte, i) => bytes[i] === byte)) return bytes;
  try {
    return await unpack(bytes, { maxOutputLength: FILE_LIMIT });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') rejectSize(file, 'unpacked it is larger');
    rejectData('damaged-gzip', `the gzip data is damaged or cut short (${message})`, {
      file,
      hint: 'fetch or pack the file again',
    });
  }
}

async function readUnchanged(file: string, handle: FileHandle): Promise<Buffer> {
  const before = await handle.stat();
  if (!before.isFile())
    rejectData('cannot-read', 'not a regular file', { file, hint: 'give the path of a file' });
  if (before.size > FILE_LIMIT) rejectSize(file, `${before.size} bytes, more`);
  const bytes = await handle.readFile();
  const after = await stat(file); // by its path, so that a file moved into its place is noticed too
  if (
    bytes.length !== before.size ||
    after.size !== before.size ||
    after.mtimeMs !== before.mtimeMs ||
    after.ino !== before.ino
  ) {
    rejectData('file-changed', 'it changed while it was being read', {
      file,
      hint: 'wait until the program that writes it is done, then run this again',
    });
  }
  return bytes;
}

/**
 * Reads a data file whole. Throws a `Problem` where it cannot be read, is no regular file, is larger than
 * `FILE_LIMIT`, has damaged gzip data, or changes while it is being read.
 */
export async function readSource(file: string): Promise<SourceFile> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file);
    const bytes = await readUnchanged(file, handle);
    return { file, bytes, content: await unpacked(file, bytes) };
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    return rejectData('cannot-read', `cannot read it: ${code === 'ENOENT' ? 'no such file' : message}`, {
      file,
      hint: 'check the path and the permissions',
    });
  } finally {
    await handle?.close();
  }
}
