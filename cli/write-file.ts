import fs from 'node:fs';
import path from 'node:path';
import type { ArtifactKind } from '../model/artifact.js';
import { fileReason } from '../model/file-error.js';
import { makeFolder as makeFolderOrFail } from '../model/make-folder.js';
import { t } from '../model/messages.js';
import { Problem, rejectData } from '../model/problem.js';

function rejectWrite(file: string, error: unknown): never {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = isMissing ? t`its folder does not exist` : fileReason(error);
  rejectData('cannot-write', t`cannot write it: ${reason}`, {
    file,
    hint: t`choose another path, or make the folder writable; nothing was changed`,
  });
}

/**
 * Throws the `Problem` that writing would, before hours of training are lost to it. With a `kind`, a file that is
 * there must be an artefact of that kind: a data file named by mistake is never overwritten.
 */
export function checkWritable(file: string, kind?: ArtifactKind): void {
  try {
    const folder = path.dirname(path.resolve(file));
    if (!fs.statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    fs.accessSync(folder, fs.constants.W_OK);
    const present = fs.statSync(file, { throwIfNoEntry: false });
    if (present?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    // The atomic rename would put a plain file in the place of a device such as /dev/null.
    if (present && !present.isFile()) throw new Error(t`it is a device, not a plain file`);
    if (present && kind !== undefined) checkSameKind(file, kind);
  } catch (error) {
    if (error instanceof Problem) throw error;
    rejectWrite(file, error);
  }
}

const START_BYTES = 100;

/** An artefact begins with its kind, so the first bytes tell it from anything else, even where the rest is damaged. */
function checkSameKind(file: string, kind: ArtifactKind): void {
  const bytes = Buffer.alloc(START_BYTES);
  const opened = fs.openSync(file, 'r');
  const start = bytes.toString('utf8', 0, fs.readSync(opened, bytes, 0, START_BYTES, 0));
  fs.closeSync(opened);
  if (start === '' || start.includes(`"neurona": "${kind}"`)) return;
  rejectData('would-overwrite', t`is there and is no ${kind} of neurona; it is left as it was`, {
    file,
    hint: t`choose another name with -o, or delete the file first`,
  });
}

/** A full disk takes the first part of a write and says so by its length alone; only the next write fails. */
function writeAll(file: string, bytes: Uint8Array, mode: number): void {
  const opened = fs.openSync(file, 'w', mode);
  try {
    for (let at = 0; at < bytes.length;) at += fs.writeSync(opened, bytes, at, bytes.length - at);
    fs.fsyncSync(opened);
  } finally {
    fs.closeSync(opened);
  }
}

/** Writes beside the file and renames over it: whoever looks finds the old file or the new one, never a part. */
export function writeFile(file: string, content: string | Uint8Array): void {
  checkWritable(file);
  const present = fs.statSync(file, { throwIfNoEntry: false });
  const target = present ? fs.realpathSync(file) : path.resolve(file); // a link goes on pointing where it did
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeAll(temporary, Buffer.from(content), present?.mode ?? 0o666);
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    rejectWrite(file, error);
  }
}

/** Makes a folder and those above it. */
export function makeFolder(folder: string): void {
  try {
    makeFolderOrFail(folder);
  } catch (error) {
    rejectWrite(folder, error);
  }
}
