import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Board } from '../model/board.js';
import { t } from '../model/messages.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import { idfFolder } from './project-tools.js';

/** What the log of a build that failed says went wrong, where, and what helps. */

const TOO_LARGE =
  /region .* overflowed|will not fit in region|relocation truncated|exceeds available space|greater than maximum allowed|too small for binary/;
function coreInstallation({ fqbn, boardsUrl }: Board): string {
  const core = fqbn?.split(':', 2).join(':');
  const index = boardsUrl === null ? '' : ` --additional-urls ${boardsUrl}`;
  return `arduino-cli core install ${core}${index}`;
}

/** What compilers and project tools say when something of theirs is missing, and what brings it. */
const REMEDIES: readonly { readonly says: RegExp; readonly hint: (board: Board) => string }[] = [
  { says: /platform[^\n]*not (?:found|installed)/i, hint: coreInstallation },
  {
    says: /device-specs\/specs-/,
    hint: (board) =>
      t`this avr-gcc knows no ${board.mcu}, that of the board's core does: ${coreInstallation(board)}, then neurona build`,
  },
  {
    says: /InternetConnectionError|HTTPClientError/,
    hint: () => t`the first build fetches a platform and its compiler: is this computer online?`,
  },
  {
    says: /UnknownPackageError|UnknownPlatform/,
    hint: () => t`neurona generate --platform names another platform, by version or address`,
  },
  {
    says: /^CMake Error[^]*(?:CMAKE_C(?:XX)?_COMPILER|doesn't match supported version)/m,
    hint: ({ idfTarget }) => `$IDF_PATH/install.sh ${idfTarget} && . $IDF_PATH/export.sh`,
  },
];

/** Compilers of Windows end lines with both. */
export const LINE_END = /\r?\n/;

/** The first sentence of a CMake error, which is indented below the line that says where, or undefined. */
function cmakeError(log: string): string | undefined {
  const [, place, text] = /^(CMake Error at .*:)\n((?:(?: {2}.*)?\n)+)/m.exec(log) ?? [];
  if (place === undefined) return undefined;
  const words = text.replace(/\s+/g, ' ').trim();
  return `${place} ${/^.*?\.(?= |$)/.exec(words)?.[0] ?? words}`;
}

/** How compilers begin what they say of a place. */
const AT_A_PLACE = /^(.+?):(\d+):(?:(\d+):)? *(?:fatal )?error: *(.+)$/;

/** Where in a file, which compilers name from the folder that they run in, and what is wrong there; null where it is in none. */
function placeOf(
  said: string,
  directory: string,
): Pick<ProblemDetails, 'message' | 'file' | 'line' | 'column'> | null {
  const [, name, line, column, message] = AT_A_PLACE.exec(said) ?? [];
  if (name === undefined) return null;
  const places = path.isAbsolute(name)
    ? [name]
    : [directory, idfFolder(directory)].map((folder) => path.join(folder, name));
  const file = places.find(existsSync);
  if (file === undefined) return null;
  return { message, file, line: Number(line), ...(column !== undefined && { column: Number(column) }) };
}

export interface FailedBuild {
  readonly log: string;
  /** Where the log is kept. */
  readonly logFile: string;
  /** The generated folder, as its user calls it. */
  readonly directory: string;
  readonly board: Board;
}

/** What a log says of a build that failed: `does-not-fit` (kind fit) or `build-failed` (kind toolchain). */
export function buildFailed({ log, logFile, directory, board }: FailedBuild): Problem {
  const lines = log.split(LINE_END);
  const tooLarge = lines.find((line) => TOO_LARGE.test(line));
  const first = (tooLarge ?? lines.find((line) => /\b\w*error: |undefined reference/i.test(line)))?.trim();
  const remedy = REMEDIES.find(({ says }) => says.test(log));
  const mend = remedy ? `${remedy.hint(board)}; ` : '';
  const message =
    first ??
    cmakeError(lines.join('\n')) ??
    lines.findLast((line) => line.trim() !== '')?.trim() ??
    t`the compiler failed`;
  return new Problem({
    kind: tooLarge === undefined ? 'toolchain' : 'fit',
    code: tooLarge === undefined ? 'build-failed' : 'does-not-fit',
    message,
    ...(first !== undefined && placeOf(first, directory)),
    hint: t`${mend}the whole log is ${logFile}; an earlier build, if there is one, is untouched`,
  });
}
