import { m, say, type Message } from './messages.js';

/** What errors of the file system mean, in words; the operating system's own text says it in its own. */
const REASONS: Readonly<Record<string, Message>> = {
  ENOENT: m`no such file`,
  ENOTDIR: m`part of its path is a file, not a folder`,
  EISDIR: m`it is a folder`,
  EEXIST: m`a file of that name is there`,
  EACCES: m`no permission`,
  EPERM: m`no permission`,
  EROFS: m`the disk is read-only`,
  ENOSPC: m`the disk is full`,
  ENAMETOOLONG: m`its name is too long`,
  ELOOP: m`its links lead round in a circle`,
};

/** Why a call to the file system failed, to follow "cannot read it: ". */
export function fileReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''];
  return reason ? say(reason) : message;
}
