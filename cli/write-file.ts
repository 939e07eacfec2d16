import { accessSync, constants, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { ArtifactKind } from '../model/artifact.js';
import { fileReason } from '../model/file-error.js';
import { Problem, rejectData } from '../model/problem.js';

function rejectWrite(file: string, error: unknown): never {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = isMissing ? 'its folder does not exist' : fileReason(error);
  rejectData('cannot-write', `cannot write it: ${reason}`, {
    file,
    hint: 'choose another path, or make the folder writable; nothing was changed',
  });
}

/**
 * Throws the `Problem` that writing would, before hours of training are lost to it. With a `kind`, a file that is
 * there must be an artefact of that kind: a data file named by mistake is never overwritten.
 */
export function checkWritable(file: string, kind?: ArtifactKind): void {
  try {
    const folder = path.dirname(path.resolve(file));
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(folder, constants.W_OK);
    const present = statSync(file, { throwIfNoEntry: false });
    if (present?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    // The atomic rename would put a plain file in the place of a device such as /dev/null.
    if (present && !present.isFile()) throw new Error('it is a device, not a plain file');
    if (present && kind !== undefined) checkSameKind(file, kind);
  } catch (error) {
    if (error instanceof Problem) throw error;
    rejectWrite(file, error);
  }
}

/** An artefact begins with its kind, so the first bytes tell it from anything else, even where the rest is damaged. */
function checkSameKind(file: string, kind: ArtifactKind): void {
  const start = readFileSync(file, 'utf8').slice(0, 100);
  if (start === '' || start.includes(`"neurona": "${kind}"`)) return;
  rejectData('would-overwrite', `is there and is no ${kind} of neurona; it is left as it was`, {
    file,
    hint: 'choose another name with -o, or delete the file first',
  });
}

/** Writes beside the file and renames over it: whoever looks finds the old file or the new one, never a part. */
export function writeFile(file: string, text: string): void {
  checkWritable(file);
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
