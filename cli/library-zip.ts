import { existsSync, readFileSync } from 'node:fs';
import { strToU8, zipSync } from 'fflate';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { checkWritable } from './write-file.js';

/** An Arduino library as the zip that the IDE's "Add .ZIP Library" and `arduino-cli lib install --zip-path` take. */

interface LibraryFile {
  /** Below the library's folder, with `/`. */
  readonly path: string;
  readonly content: string;
}

/** The earliest that a zip can say. A zip holds local time without its zone, so a local noon gives the same bytes anywhere. */
const zipEpoch = (): Date => new Date(1980, 0, 1, 12);
const LOCAL_HEADER = 'PK\u0003\u0004';
const NAME_OFFSET = 30;

/** The bytes of a zip with one folder, named after the library; the same bytes for the same files. */
export function libraryZip(name: string, files: readonly LibraryFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries = sorted.map((file) => [`${name}/${file.path}`, strToU8(file.content)]);
  return zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>, { level: 9, mtime: zipEpoch() });
}

/** Throws a `Problem` where the zip cannot be written, or would take the place of a file that is no zip of that library. */
export function checkZip(file: string, name: string): void {
  if (!existsSync(file)) return;
  checkWritable(file);
  const start = readFileSync(file).toString('latin1', 0, NAME_OFFSET + name.length + 1);
  if (start.startsWith(LOCAL_HEADER) && start.slice(NAME_OFFSET) === `${name}/`) return;
  rejectData('would-overwrite', t`is there and is no zip of the library ${name}; it is left as it was`, {
    file,
    hint: t`choose another folder with -o, or delete the file first`,
  });
}
