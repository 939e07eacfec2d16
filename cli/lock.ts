import fs from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { makeFolder, writeFile } from './write-file.js';

/**
 * A folder beside the artefact, while a training is going to write it. It appears and goes by a rename, which finds
 * nobody else's there or fails, so that of two trainings one gets it, and nobody ever sees it without its owner.
 */

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process began; null where the system does not tell. */
  readonly began: string | null;
}

const OWNER_FILE = 'owner.json';
const ATTEMPTS = 5;

/** Start of the computer and of the process since, on Linux: another process that got the same number differs. */
function beginningOf(pid: number): string | null {
  try {
    const status = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const ticks = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${ticks}`;
  } catch {
    return null;
  }
}

/** Null for a folder that holds none: whoever made it was no training of ours. */
function readOwner(folder: string): Owner | null {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, OWNER_FILE), 'utf8')) as Owner;
  } catch {
    return null;
  }
}

const isSame = (one: Owner | null, other: Owner | null): boolean =>
  one?.pid === other?.pid && one?.host === other?.host && one?.began === other?.began;

function isRunning({ pid, host, began }: Owner): boolean {
  if (host !== hostname()) return true; // which cannot be told from here
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's, and running
  }
  return began === null || began === beginningOf(pid);
}

/** False where there is one already, or nothing to rename. */
function tryRename(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** Moves the lock of a process that is gone out of the way, and nothing that took its place meanwhile. */
function removeStale(lock: string, stale: Owner | null): void {
  const aside = `${lock}.${process.pid}.stale`;
  if (!tryRename(lock, aside)) return;
  if (!isSame(readOwner(aside), stale) && tryRename(aside, lock)) return;
  fs.rmSync(aside, { recursive: true, force: true });
}

/**
 * Keeps other trainings from writing the same artefact until this process ends. One that was killed keeps nobody out.
 * Throws a `Problem` (`in-use`) that names the process which is at it.
 */
export function lockArtifact(artifact: string): void {
  const lock = `${path.resolve(artifact)}.lock`;
  const own = `${lock}.${process.pid}`;
  const self: Owner = { pid: process.pid, host: hostname(), began: beginningOf(process.pid) };
  fs.rmSync(own, { recursive: true, force: true });
  makeFolder(own);
  writeFile(path.join(own, OWNER_FILE), JSON.stringify(self));
  process.once('exit', () => {
    // Renamed first, so that nobody finds it half removed.
    if (isSame(readOwner(lock), self)) tryRename(lock, own);
    fs.rmSync(own, { recursive: true, force: true });
  });
  let owner: Owner | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (tryRename(own, lock)) return;
    owner = readOwner(lock);
    if (owner && isRunning(owner)) break;
    removeStale(lock, owner);
  }
  const pid = owner?.pid ?? t`unknown`;
  const [message, hint] =
    owner && owner.host !== hostname()
      ? [
          t`process ${pid} on ${owner.host} is training for this file`,
          t`wait for it, or choose another name with -o; if it no longer runs, delete ${artifact}.lock`,
        ]
      : [t`process ${pid} is training for this file`, t`wait for it, or choose another name with -o`];
  rejectData('in-use', message, { file: artifact, hint });
}
