import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { ByteLog } from './link.js';

/**
 * Every byte of a session, as lines of seconds, direction and hex. `bytes.log` keeps the beginning; once it is full, two
 * more files take turns to keep the end, and the first line of each says how much is left out before it.
 */

const BEGINNING = 'bytes.log';
const BEFORE = 'bytes-before.log';
const LATEST = 'bytes-latest.log';
/** Of each file, in bytes: an hour at 115,200 baud, or 10,000 rows of 784 features, goes in whole. */
const LIMIT = 32 << 20;

const statement = (count: number): string =>
  `# ${String(count).padStart(15, '0')} bytes of the link left out before this line\n`;
const STATEMENT = /^# (\d{15}) bytes of the link/;

/** Bytes of the link in a file of the log. */
const bytesIn = (file: string): number =>
  readFileSync(file, 'latin1')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .reduce((sum, line) => sum + (line.split(' ')[2]?.length ?? 0) / 2, 0);

export interface ByteLogFile {
  readonly log: ByteLog;
  close(): void;
}

/** Goes on with the log of a folder, or begins one. Throws what the file system throws. */
export function openByteLog(directory: string, limit: number = LIMIT): ByteLogFile {
  const file = (name: string): string => path.join(directory, name);
  const started = performance.now();
  let name = existsSync(file(LATEST)) ? LATEST : BEGINNING;
  let descriptor = openSync(file(name), 'a');
  let size = statSync(file(name)).size;

  /** Writes into a file of its own from now on; the one before the last makes room. */
  const turn = (): void => {
    closeSync(descriptor);
    if (name === LATEST) {
      let leftOut = 0;
      if (existsSync(file(BEFORE))) {
        const earlier = readFileSync(file(BEFORE), 'latin1');
        leftOut = Number(STATEMENT.exec(earlier)?.[1] ?? 0) + bytesIn(file(BEFORE));
        rmSync(file(BEFORE));
      }
      renameSync(file(LATEST), file(BEFORE));
      const first = openSync(file(BEFORE), 'r+'); // in place: the statements are of one length
      writeSync(first, statement(leftOut), 0);
      closeSync(first);
    }
    name = LATEST;
    descriptor = openSync(file(LATEST), 'w');
    size = writeSync(descriptor, statement(0));
  };

  return {
    log(direction, bytes) {
      const at = ((performance.now() - started) / 1000).toFixed(6);
      const line = `${at} ${direction} ${Buffer.from(bytes).toString('hex')}\n`;
      if (size + line.length > limit) turn();
      size += writeSync(descriptor, line);
    },
    close: () => closeSync(descriptor),
  };
}
