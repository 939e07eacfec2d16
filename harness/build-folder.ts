import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { fileReason } from '../model/file-error.js';
import { BUILD_FOLDER } from '../model/firmware-manifest.js';
import { makeFolder } from '../model/make-folder.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';

/** For what failed in a build folder. */
const cannotWriteBuild = (folder: string, error: unknown): Problem =>
  new Problem({
    kind: 'data',
    code: 'cannot-write',
    message: t`cannot write the build: ${fileReason(error)}`,
    file: folder,
    hint: t`make the folder writable, or generate into another one`,
  });

/** Runs what writes into a build folder. Throws a `Problem` where that fails, as on a full disk. */
export function writingBuild<T>(folder: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw cannotWriteBuild(folder, error);
  }
}

/** Makes the build folder of a generated folder, or one below it; its path. Throws a `Problem` where none can be written. */
export function makeBuildFolder(directory: string, below = ''): string {
  const folder = path.join(directory, BUILD_FOLDER, below);
  return writingBuild(folder, () => {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
    return folder;
  });
}
