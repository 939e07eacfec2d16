import path from 'node:path';
import type { FormatName } from '../model/board.js';
import type { FirmwareManifest } from '../model/firmware-manifest.js';

/** Which files of a generated folder make up its verification firmware, by format. */

interface ProgramFiles {
  readonly sources: RegExp;
  /** Folders of headers that sources elsewhere include. */
  readonly headers: RegExp | null;
}

const PROGRAMS: Readonly<Record<FormatName, ProgramFiles>> = {
  sketch: {
    sources: /^(src\/)?[^/]+\.(c|ino)$/,
    headers: null,
  },
  'arduino-library': {
    sources: /^(src|examples\/Verify)\/[^/]+\.(c|ino)$/,
    headers: /^src\/[^/]+\.h$/,
  },
  platformio: {
    sources: /^(src|lib\/[^/]+\/src)\/[^/]+\.(c|cpp)$/,
    headers: /^lib\/[^/]+\/src\/[^/]+\.h$/,
  },
  'esp-idf': {
    sources: /^(src|examples\/verify\/main)\/[^/]+\.c$/,
    headers: /^include\/[^/]+\.h$/,
  },
  c: {
    sources: /^(verify\/)?[^/]+\.c$/,
    headers: null,
  },
};

/** `.c`, `.cpp` and `.ino` files of the firmware, and folders for the compiler to look for headers in. */
export function programFiles({ format, files }: FirmwareManifest): { sources: string[]; includes: string[] } {
  const { sources, headers } = PROGRAMS[format];
  const names = Object.keys(files);
  const folders = names.filter((name) => headers?.test(name)).map((name) => path.posix.dirname(name));
  return { sources: names.filter((name) => sources.test(name)), includes: [...new Set(folders)] };
}

/** Generated files that a build of the firmware depends on: all but those of the other examples and those for people. */
export const buildInputs = ({ files }: FirmwareManifest): string[] =>
  Object.keys(files).filter((name) => !/^examples\/(?!verify\/)|\.md$|^model\.json$/i.test(name));
