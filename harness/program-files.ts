import path from 'node:path';
import type { Board, FormatName } from '../model/board.js';
import type { FirmwareManifest } from '../model/firmware-manifest.js';

/** Which files of a generated folder make up its verification firmware, by format. */

interface ProgramFiles {
  readonly sources: RegExp;
  /** Folders of headers that sources elsewhere include. */
  readonly headers: RegExp | null;
  /** How the format's own tool builds it. */
  readonly command: (directory: string, board: Board) => string;
}

const PROGRAMS: Readonly<Record<FormatName, ProgramFiles>> = {
  sketch: {
    sources: /^(src\/)?[^/]+\.(c|ino)$/,
    headers: null,
    command: (directory, { fqbn }) => `arduino-cli compile -b ${fqbn} ${directory}`,
  },
  'arduino-library': {
    sources: /^(src|examples\/Verify)\/[^/]+\.(c|ino)$/,
    headers: /^src\/[^/]+\.h$/,
    command: (directory, { fqbn }) =>
      `arduino-cli compile -b ${fqbn} --library ${directory} ${directory}/examples/Verify`,
  },
  platformio: {
    sources: /^(src|lib\/[^/]+\/src)\/[^/]+\.(c|cpp)$/,
    headers: /^lib\/[^/]+\/src\/[^/]+\.h$/,
    command: (directory) => `pio run -d ${directory}`,
  },
  'esp-idf': {
    sources: /^(src|examples\/verify\/main)\/[^/]+\.c$/,
    headers: /^include\/[^/]+\.h$/,
    command: (directory, { idfTarget }) =>
      `idf.py -C ${directory}/examples/verify set-target ${idfTarget} build`,
  },
  c: {
    sources: /^(verify\/)?[^/]+\.c$/,
    headers: null,
    command: (directory) => `make -C ${directory}`,
  },
};

/** `.c`, `.cpp` and `.ino` files of the firmware, and folders for the compiler to look for headers in. */
export function programFiles({ format, files }: FirmwareManifest): { sources: string[]; includes: string[] } {
  const { sources, headers } = PROGRAMS[format];
  const names = Object.keys(files);
  const folders = names.filter((name) => headers?.test(name)).map((name) => path.posix.dirname(name));
  return { sources: names.filter((name) => sources.test(name)), includes: [...new Set(folders)] };
}

/** The command with which the format's own tool builds a folder. */
export const buildCommand = (directory: string, format: FormatName, board: Board): string =>
  PROGRAMS[format].command(directory, board);
