import { createHash, randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { artifactText, readArtifact } from '../model/artifact.js';
import { fileReason } from '../model/file-error.js';
import { makeFolder } from '../model/make-folder.js';
import { firmwareManifestSchema, MANIFEST_FILE, type FirmwareManifest } from '../model/firmware-manifest.js';
import { t } from '../model/messages.js';
import { Problem, rejectData } from '../model/problem.js';
import type { GeneratedFile } from './generate.js';
import { fateOf } from './tool-leavings.js';

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Every file below a folder, as paths with `/`. */
function listFiles(folder: string, below = ''): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? listFiles(folder, name) : [name];
  });
}

/** What an earlier run wrote, with its hashes; null where there was none. A damaged manifest is a `Problem`. */
function earlierFiles(directory: string): Readonly<Record<string, string>> | null {
  const manifest = path.join(directory, MANIFEST_FILE);
  if (!existsSync(manifest)) return null;
  try {
    return readArtifact(manifest, 'firmware', firmwareManifestSchema).body.files;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const hint = t`without it nobody knows which files are yours: save those, delete ${directory}, and generate again`;
    throw new Problem({ ...error.details, hint });
  }
}

interface Inspection {
  /** Files that neither an earlier run of ours nor a tool that builds wrote. */
  readonly foreign: readonly string[];
  /** What such tools left that is to stay. */
  readonly kept: readonly string[];
  /** What an earlier run wrote and was changed since. */
  readonly edited: readonly string[];
}

function inspect(directory: string): Inspection {
  if (!existsSync(directory)) return { foreign: [], kept: [], edited: [] };
  if (!statSync(directory).isDirectory())
    rejectData('not-a-folder', t`is a file; expected a folder`, {
      file: directory,
      hint: t`choose another folder with -o`,
    });
  const earlier = earlierFiles(directory);
  const present = listFiles(directory);
  const others = present.filter(
    (name) => !(earlier && (name === MANIFEST_FILE || Object.hasOwn(earlier, name))),
  );
  // Only in a folder of ours is `build/` what compilers left there; elsewhere it is somebody's work.
  const generated = Object.keys(earlier ?? {});
  const foreign = others.filter((name) => fateOf(name, generated) === null);
  const kept = others.filter((name) => fateOf(name, generated) === 'kept');
  const edited = Object.entries(earlier ?? {})
    .filter(
      ([name, hash]) => present.includes(name) && sha256(readFileSync(path.join(directory, name))) !== hash,
    )
    .map(([name]) => name);
  return { foreign, kept, edited };
}

function refuse(
  directory: string,
  code: string,
  what: string,
  names: readonly string[],
  hint: string,
): never {
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
  rejectData(code, t`the folder holds files that ${what}: ${shown}`, { file: directory, hint });
}

/** Makes the folder beside its final place, so that a rename of whole folders is all that can be seen. */
function writeBeside(directory: string, files: readonly GeneratedFile[], others: readonly string[]): string {
  const temporary = `${directory}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    for (const { path: name, content } of files) {
      const target = path.join(temporary, name);
      makeFolder(path.dirname(target));
      writeFileSync(target, content);
    }
    for (const name of others) cpSync(path.join(directory, name), path.join(temporary, name));
    return temporary;
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
    throw cannotWrite(directory, error);
  }
}

function cannotWrite(directory: string, error: unknown): Problem {
  return new Problem({
    kind: 'data',
    code: 'cannot-write',
    message: t`cannot write the folder: ${fileReason(error)}`,
    file: directory,
    hint: t`choose another folder with -o, or mend its permissions`,
  });
}

/** Puts `temporary` in the place of `directory`; the folder that was there goes, or comes back if that fails. */
function swapFolders(directory: string, temporary: string): void {
  const old = existsSync(directory) ? `${temporary}.old` : null;
  try {
    if (old !== null) renameSync(directory, old);
    renameSync(temporary, directory);
  } catch (error) {
    if (old !== null && existsSync(old) && !existsSync(directory)) renameSync(old, directory);
    rmSync(temporary, { recursive: true, force: true });
    throw cannotWrite(directory, error);
  }
  if (old !== null) rmSync(old, { recursive: true, force: true });
}

/**
 * Writes a firmware folder with its manifest, whole or not at all. A folder with files that no earlier run
 * wrote, or that were edited since, is refused. `force` gives up the edits and leaves the foreign files where they
 * are. Earlier builds are removed: they belong to the earlier files. What else tools left stays (`tool-leavings.ts`).
 */
export function writeFirmware(
  output: string,
  manifest: Omit<FirmwareManifest, 'files'>,
  files: readonly GeneratedFile[],
  options: { readonly force: boolean },
): void {
  const directory = path.resolve(output);
  const here = path.relative(directory, process.cwd());
  if (here === '' || !(here.startsWith('..') || path.isAbsolute(here))) {
    rejectData('working-directory', t`the output folder would replace the folder you are in`, {
      file: output,
      hint: t`use -o with the name of a folder inside it`,
    });
  }
  const hashes = Object.fromEntries(files.map((file) => [file.path, sha256(file.content)]));
  const { text } = artifactText('firmware', { ...manifest, files: hashes });
  const all = [...files, { path: MANIFEST_FILE, content: text }];

  const { foreign, kept, edited } = inspect(directory);
  const clash = [...foreign, ...kept].filter((name) => all.some((file) => file.path === name));
  const elsewhere = t`choose another folder with -o`;
  if (clash.length > 0)
    refuse(output, 'foreign-files', t`neurona did not write and would overwrite`, clash, elsewhere);
  if (foreign.length > 0 && !options.force) {
    refuse(
      output,
      'foreign-files',
      t`neurona did not write`,
      foreign,
      t`${elsewhere}, or --force to replace only what neurona wrote`,
    );
  }
  if (edited.length > 0 && !options.force) {
    refuse(
      output,
      'edited-files',
      t`were changed since neurona wrote them`,
      edited,
      t`${elsewhere}, or --force to give up the changes`,
    );
  }
  swapFolders(directory, writeBeside(directory, all, [...foreign, ...kept]));
}
