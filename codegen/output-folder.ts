import { createHash, randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { artifactText, readArtifact } from '../model/artifact.js';
import {
  BUILD_FOLDER,
  firmwareManifestSchema,
  MANIFEST_FILE,
  type FirmwareManifest,
} from '../model/firmware-manifest.js';
import { Problem, rejectData } from '../model/problem.js';
import type { GeneratedFile } from './generate.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Every file below a folder, as paths with `/`, without what compilers left in the build folder. */
function listFiles(folder: string, below = ''): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (name === BUILD_FOLDER) return [];
    return entry.isDirectory() ? listFiles(folder, name) : [name];
  });
}

/** Files that an earlier run of ours listed in its manifest; none where there is no readable manifest. */
function listedFiles(directory: string): Set<string> {
  const manifest = path.join(directory, MANIFEST_FILE);
  if (!existsSync(manifest)) return new Set();
  const { body } = readArtifact(manifest, 'firmware', firmwareManifestSchema);
  return new Set([...Object.keys(body.files), MANIFEST_FILE]);
}

/** Makes the folder beside its final place, so that a rename of whole folders is all that can be seen. */
function writeBeside(directory: string, files: readonly GeneratedFile[]): string {
  const temporary = `${directory}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    for (const { path: name, content } of files) {
      const target = path.join(temporary, name);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
    throw cannotWrite(directory, error);
  }
  return temporary;
}

function cannotWrite(directory: string, error: unknown): Problem {
  return new Problem({
    kind: 'data',
    code: 'cannot-write',
    message: `cannot write the folder: ${(error as Error).message}`,
    file: directory,
    hint: 'choose another folder with -o, or mend its permissions',
  });
}

/**
 * Writes a firmware folder with its manifest, whole or not at all. A folder that holds files which no earlier
 * run listed is refused; `force` replaces the listed ones and leaves the others where they are. An earlier
 * build is removed: it belongs to the earlier files.
 */
export function writeFirmware(
  directory: string,
  manifest: Omit<FirmwareManifest, 'files'>,
  files: readonly GeneratedFile[],
  options: { readonly force: boolean },
): void {
  const hashes = Object.fromEntries(files.map((file) => [file.path, sha256(file.content)]));
  const { text } = artifactText('firmware', { ...manifest, files: hashes });
  const all = [...files, { path: MANIFEST_FILE, content: text }];
  let foreign: string[] = [];
  if (existsSync(directory)) {
    if (!statSync(directory).isDirectory())
      rejectData('not-a-folder', 'is a file; expected a folder', { file: directory });
    const listed = listedFiles(directory);
    foreign = listFiles(directory).filter((name) => !listed.has(name));
    const clash = foreign.filter((name) => all.some((file) => file.path === name));
    if (clash.length > 0 || (foreign.length > 0 && !options.force)) {
      rejectData(
        'foreign-files',
        `the folder holds files that neurona did not write: ${(clash.length > 0 ? clash : foreign).slice(0, 3).join(', ')}`,
        {
          file: directory,
          hint:
            clash.length > 0
              ? 'choose another folder with -o: these would be overwritten'
              : 'choose another folder with -o, or --force to replace only the files neurona wrote',
        },
      );
    }
  }
  const temporary = writeBeside(directory, all);
  try {
    for (const name of foreign)
      cpSync(path.join(directory, name), path.join(temporary, name), { recursive: true });
    swapFolders(directory, temporary);
  } catch (error) {
    throw cannotWrite(directory, error);
  }
}

/** Puts `temporary` in the place of `directory`; the folder that was there goes. */
function swapFolders(directory: string, temporary: string): void {
  if (!existsSync(directory)) {
    mkdirSync(path.dirname(path.resolve(directory)), { recursive: true });
    renameSync(temporary, directory);
    return;
  }
  const old = `${temporary}.old`;
  renameSync(directory, old);
  renameSync(temporary, directory);
  rmSync(old, { recursive: true, force: true });
}
