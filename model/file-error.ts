import { m, say, t, type Message } from './messages.js';

/** What errors of the file system mean, in words; the operating system's own text says it in its own. */
const REASONS: Readonly<Record<string, Message>> = {
  ENOENT: m`no such file`,
  ENOTDIR: m`part of its path is a file, not a folder`,
  EISDIR: m`it is a folder`,
  EEXIST: m`a file of that name is there`,
  EACCES: m`no permission`,
  EPERM: m`no permission`,
  EROFS: m`the disk is read-only`,
  EIO: m`the disk or the device cannot be read`,
  EBUSY: m`another program uses it`,
  EMFILE: m`too many files are open`,
  ENOSPC: m`the disk is full`,
  ENAMETOOLONG: m`its name is too long`,
  ELOOP: m`its links lead round in a circle`,
};

/** Why a call to the system failed, to follow "cannot read it: ". */
export function fileReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''];
  if (reason) return say(reason);
  return code === undefined ? message : t`the system refuses it with ${code}`;
}
