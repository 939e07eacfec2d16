import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readArtifact } from '../model/artifact.js';
import { firmwareManifestSchema, MANIFEST_FILE } from '../model/firmware-manifest.js';
import { t } from '../model/messages.js';

/**
 * Two models whose C names are the same in one program. Linkers say so of objects, but of libraries they take the first that
 * has a function and leave out the other: ESP-IDF and PlatformIO make libraries, and the program computes with one model twice.
 */

/** Folders of which all, as their tools have it, may go into one program: of Arduino, of ESP-IDF, of PlatformIO. */
const SHARED_FOLDERS: readonly string[] = ['libraries', 'components', 'lib'];

/** The prefix of a generated folder, or null where it is none. */
function prefixOf(folder: string): string | null {
  try {
    return readArtifact(path.join(folder, MANIFEST_FILE), 'firmware', firmwareManifestSchema).body.name;
  } catch {
    return null;
  }
}

/** What to say where a folder beside `directory` has the C names that `name` begins, capitals apart; null where none has. */
export function twinWarning(directory: string, name: string): string | null {
  const own = path.resolve(directory);
  const shared = path.dirname(own);
  if (!SHARED_FOLDERS.includes(path.basename(shared))) return null;
  const twin = readdirSync(shared)
    .filter((entry) => entry !== path.basename(own))
    .find((entry) => prefixOf(path.join(shared, entry))?.toLowerCase() === name.toLowerCase());
  if (twin === undefined) return null;
  const beside = path.join(path.dirname(directory), twin);
  return t`C names of ${beside} begin with ${name}_ too, so a program can have but one of them: choose another --name`;
}
