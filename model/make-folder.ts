import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { t } from './messages.js';

/**
 * Makes a folder and those above it; one that is there stays as it is. Throws an error for `fileReason`. Node's own
 * `recursive` tries for ever where the folder above is there and yet takes none, as in /proc.
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
    const above = path.dirname(path.resolve(folder));
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (statSync(above, { throwIfNoEntry: false }))
      throw new Error(t`no folder can be made in ${above}`, { cause: error });
    makeFolder(above);
    makeFolder(folder);
  }
}
