import type { Hash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { fileReason } from '../model/file-error.js';
import { t } from '../model/messages.js';
import { Problem, rejectData } from '../model/problem.js';
import { mnistHint } from './mnist.js';

/** A data file that is open for reading. Every read throws a `Problem` where it fails. */
export interface SourceFile {
  readonly file: string;
  /** Bytes on the disk. */
  readonly size: number;
  /** The first bytes, unpacked where the file is gzip; four at least where it has so many. */
  readonly head: Buffer;
  /**
   * The content from its beginning, unpacked, in pieces of at most `CHUNK` bytes. `hash` is fed with what is on the
   * disk. Ends in a `Problem` for damaged gzip data and for a file that has changed meanwhile.
   */
  chunks(hash?: Hash): AsyncIterable<Buffer>;
  /** The bytes `start` to `end` (exclusive) as they are on the disk. */
  readAt(start: number, end: number): Promise<Buffer>;
  /** Throws a `Problem` where the file is no longer what it was when it was opened. */
  assertUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/** Small enough that decoded text dies young, large enough that calls do not count. */
export const CHUNK = 2 ** 18;

const HEAD = 4096;
const GZIP_MAGIC = [0x1f, 0x8b];

function rejectUnreadable(file: string, error: unknown): never {
  if (error instanceof Problem) throw error;
  rejectData('cannot-read', t`cannot read it: ${fileReason(error)}`, {
    file,
    hint: mnistHint(file) ?? t`check the path and the permissions`,
  });
}

function rejectGzip(file: string, error: unknown): never {
  if (error instanceof Problem) throw error;
  const isShort = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
  rejectData('damaged-gzip', isShort ? t`the gzip data is cut short` : t`the gzip data is damaged`, {
    file,
    hint: t`fetch or pack the file again`,
  });
}

async function assertUnchanged(file: string, before: Stats): Promise<void> {
  const after = await stat(file).catch((error: unknown) => rejectUnreadable(file, error)); // by its path, so that a file moved into its place is noticed too
  if (after.size === before.size && after.mtimeMs === before.mtimeMs && after.ino === before.ino) return;
  rejectData('file-changed', t`it changed while it was being read`, {
    file,
    hint: t`wait until the program that writes it is done, then run this again`,
  });
}

async function readAt(file: string, handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(end - start); // with an ArrayBuffer of its own
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle
      .read(buffer, filled, buffer.length - filled, start + filled)
      .catch((error: unknown) => rejectUnreadable(file, error));
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

async function* unpack(file: string, packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: CHUNK });
  pipeline(Readable.from(packed), unpacked, () => undefined); // its error comes out of the loop below too
  try {
    for await (const chunk of unpacked) yield chunk as Buffer;
  } catch (error) {
    rejectGzip(file, error);
  }
}

function unpackHead(file: string, packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return rejectGzip(file, error);
  }
}

/**
 * Opens a data file, whose reader has to close it. Throws a `Problem` where it cannot be read or is no regular file.
 */
export async function openSource(file: string): Promise<SourceFile> {
  const handle = await open(file).catch((error: unknown) => rejectUnreadable(file, error));
  try {
    const before = await handle.stat();
    if (!before.isFile())
      rejectData('cannot-read', t`not a regular file`, { file, hint: t`give the path of a file` });
    const { size } = before;
    const packedHead = await readAt(file, handle, 0, Math.min(HEAD, size));
    const isGzip = GZIP_MAGIC.every((byte, i) => packedHead[i] === byte);

    const onDisk = async function* (hash?: Hash): AsyncGenerator<Buffer> {
      for (let at = 0; at < size; at += CHUNK) {
        const chunk = await readAt(file, handle, at, Math.min(at + CHUNK, size));
        hash?.update(chunk);
        yield chunk;
      }
      await assertUnchanged(file, before);
    };

    return {
      file,
      size,
      head: isGzip ? unpackHead(file, packedHead) : packedHead,
      chunks: (hash) => (isGzip ? unpack(file, onDisk(hash)) : onDisk(hash)),
      readAt: (start, end) => readAt(file, handle, start, end),
      assertUnchanged: () => assertUnchanged(file, before),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    return rejectUnreadable(file, error);
  }
}
