import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Board, FormatName } from '../model/board.js';
import { m, t, type Message } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { shellWords } from '../model/shell-words.js';
import type { PackageName } from './packages.js';
import { permissionMend } from './port-permission.js';
import { ARDUINO_SKETCHES, idfArguments, unfinishedMark } from './project-tools.js';
import { PROJECT_TOOLS } from './toolchains.js';

/** Programs that put firmware on a board, with the arguments each of them wants. */

export interface Upload {
  readonly directory: string;
  readonly format: FormatName;
  readonly board: Board;
  readonly port: string;
  /** Generated files of which the program is made, relative to the folder. */
  readonly sources: readonly string[];
  /** What was built beforehand; null where the uploader builds by itself. */
  readonly hex: string | null;
}

export interface UploadCall {
  readonly arguments: readonly string[];
  /** The folder to run in. */
  readonly cwd: string;
}

export interface Uploader {
  readonly purpose: Message;
  /** What it comes in. */
  readonly package: PackageName;
  /** Whether neurona has to build a hex file first. */
  readonly needsHex: (board: Board) => boolean;
  /** Throws a `Problem` where something it needs is not there. */
  readonly call: (upload: Upload) => UploadCall;
}

/** What the build of an ESP project says of its parts and their places in flash. */
const FLASH_ARGUMENTS = ['build/idf/flash_args', 'build/flash_args', 'examples/verify/build/flash_args'];
/** The part that is the program itself: ESP-IDF names it after the project, Arduino after the sketch. */
const APPLICATION = /(?:^|[\\/])(?:verify|[^\\/]+\.ino)\.bin$/;

const notBuilt = (code: string, message: string, { directory, format, board }: Upload): Problem =>
  new Problem({
    kind: 'data',
    code,
    message,
    file: directory,
    hint:
      format === 'esp-idf'
        ? t`build it first: neurona build ${shellWords([directory])}`
        : t`build it first: arduino-cli compile -b ${board.fqbn} --build-path ${shellWords([path.join(directory, 'build')])} ${shellWords(ARDUINO_SKETCHES[format]!(directory))}`,
  });

/** The words of a `flash_args`, options in esptool 5's spelling, files absolute. */
function readFlashArguments(file: string): string[] {
  const words = readFileSync(file, 'utf8').split(/\s+/).filter(Boolean);
  return words.map((word) => {
    if (word.startsWith('--')) return word.replaceAll('_', '-');
    return word.endsWith('.bin') ? path.resolve(path.dirname(file), word) : word;
  });
}

/** Why what a build left must not be flashed, or null: after a build that failed, parts of the one before it lie there. */
function buildFault(file: string, words: readonly string[], upload: Upload): Problem | null {
  const parts = words.filter((word) => word.endsWith('.bin'));
  const application = parts.find((part) => APPLICATION.test(part));
  if (application === undefined)
    return notBuilt('not-built', t`${file} names no program of this folder`, upload);
  if (existsSync(unfinishedMark(path.dirname(file))))
    return notBuilt('not-built', t`the last build in ${path.dirname(file)} did not come to its end`, upload);
  const missing = parts.find((part) => !existsSync(part));
  if (missing !== undefined)
    return notBuilt('not-built', t`the build did not come to its end: ${missing} is missing`, upload);
  const time = (name: string): number => statSync(name, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newer = upload.sources
    .map((name) => path.join(upload.directory, name))
    .find((source) => time(source) > time(application));
  if (newer === undefined) return null;
  return notBuilt('stale-build', t`${application} was built before ${newer} was last changed`, upload);
}

/** Of the first build that is whole and no older than what it is made of. */
function flashArguments(upload: Upload): string[] {
  const files = FLASH_ARGUMENTS.map((name) => path.resolve(upload.directory, name)).filter(existsSync);
  const builds = files.map(readFlashArguments);
  const faults = builds.map((words, k) => buildFault(files[k], words, upload));
  const sound = faults.indexOf(null);
  if (sound >= 0) return builds[sound];
  const none = t`there is no build/flash_args, in which a build says where its parts belong in flash`;
  throw faults[0] ?? notBuilt('not-built', none, upload);
}

export const UPLOADERS = {
  avrdude: {
    purpose: m`uploads to AVR boards`,
    package: 'avrdude',
    needsHex: () => true,
    call({ board, port, hex, directory }) {
      const upload = board.upload?.tool === 'avrdude' ? board.upload : null;
      const link = [`-c${upload?.programmer}`, '-P', port, `-b${upload?.baudRate}`];
      return { arguments: [`-p${board.mcu}`, ...link, '-D', `-Uflash:w:${hex}:i`], cwd: directory };
    },
  },
  esptool: {
    purpose: m`uploads to ESP8266 and ESP32`,
    package: 'esptool',
    needsHex: () => false,
    call: (upload) => ({
      arguments: [
        ...['--chip', upload.board.mcu!, '--port', upload.port],
        ...['write-flash', ...flashArguments(upload)],
      ],
      cwd: upload.directory,
    }),
  },
  'arduino-cli': {
    ...PROJECT_TOOLS['arduino-cli'],
    needsHex: ({ toolchains }) => toolchains.length > 0,
    // It only reads back what it wrote if it is told to (-t); the other programs do so by themselves.
    call({ board, port, hex, directory, format }) {
      const device = ['-b', board.fqbn!, '-p', port];
      if (hex !== null)
        return { arguments: ['upload', '-t', ...device, '--input-file', hex], cwd: directory };
      const sketch = ARDUINO_SKETCHES[format]!(path.resolve(directory));
      const output = path.resolve(directory, 'build');
      const words = ['compile', ...device, '--output-dir', output, '-u', '-t', ...sketch];
      return { arguments: words, cwd: directory };
    },
  },
  'idf.py': {
    ...PROJECT_TOOLS['idf.py'],
    needsHex: () => false,
    call: ({ board, port, directory }) => ({
      arguments: [...idfArguments(path.resolve(directory), board), '-p', port, 'flash'],
      cwd: directory,
    }),
  },
  pio: {
    ...PROJECT_TOOLS.pio,
    needsHex: () => false,
    call: ({ port, directory, board }) => ({
      arguments: ['run', '-e', board.id, '-t', 'upload', '--upload-port', port],
      cwd: directory,
    }),
  },
} as const satisfies Readonly<Record<string, Uploader>>;

export type UploaderName = keyof typeof UPLOADERS;
export const UPLOADER_NAMES = Object.keys(UPLOADERS) as UploaderName[];

/** Uploaders that can put a folder on its board, the usual one first; none where the folder is no firmware for it. */
export function uploadersOf(format: FormatName, { upload }: Board): readonly UploaderName[] {
  if (upload === null) return [];
  const avrdude = upload.tool === 'avrdude' ? (['avrdude'] as const) : [];
  const esptool = upload.tool === 'esptool' ? (['esptool'] as const) : [];
  const arduino = [...avrdude, 'arduino-cli', ...esptool] as const;
  const byFormat: Readonly<Record<FormatName, readonly UploaderName[]>> = {
    sketch: arduino,
    'arduino-library': arduino,
    platformio: ['pio', ...avrdude],
    'esp-idf': ['idf.py', 'esptool'],
    c: [],
  };
  return byFormat[format];
}

/** Which chip avrdude has found, by its own short names; it says so before it says that another one was expected. */
function otherChip(_port: string, log: string): string {
  const [, chip] = /device signature = 0x[0-9a-f]{6} \(probably ([^)]+)\)/i.exec(log) ?? [];
  return chip === undefined
    ? t`it is another board: generate for the one that it is (--board), or say where yours is with --port`
    : t`it is another board, probably with ${chip}: generate for that one (--board), or say where yours is with --port`;
}

/** What the programs say when an upload fails, and what helps. */
export const SYMPTOMS: readonly {
  readonly says: RegExp;
  readonly hint: Message | ((port: string, log: string) => string);
}[] = [
  {
    says: /verification (mismatch|error)|content mismatch|verify failed/i,
    hint: m`the board does not hold what was sent: try again, and with another cable; flash that fails again is worn out`,
  },
  {
    says: /expected signature for|signature does not match|differs in signature/i,
    hint: otherChip,
  },
  {
    says: /this chip is \S+,? not /i,
    hint: m`it is another board: generate for the one that it is (--board), or say where yours is with --port`,
  },
  {
    says: /device disconnected|input\/output error|device not configured|LIBUSB_ERROR_NO_DEVICE|no such device/i,
    hint: m`the board went away during the upload: plug it in, with a cable that sits firmly, and upload again`,
  },
  {
    says: /not in sync|not responding|programmer is not responding/i,
    hint: m`is it that board on that port? A Nano may have the old bootloader: --board nano-old when generating`,
  },
  {
    says: /permission denied|EACCES/i,
    hint: (port) => permissionMend(port),
  },
  // Before the next: of both, esptool says that the port is busy or does not exist.
  {
    says: /no such file|cannot find the file|no device found on/i,
    hint: m`is the board plugged in, and is the port its own?`,
  },
  {
    says: /busy|temporarily unavailable|access is denied|could not exclusively lock/i,
    hint: m`close the serial monitor or the other program that uses the port`,
  },
  {
    says: /no DFU capable|BOOTSEL|no drive to deploy/i,
    hint: m`start its bootloader by hand: press reset twice; on a Pico, hold BOOTSEL while you plug it in`,
  },
  {
    says: /invalid choice: '?write-flash/i,
    hint: m`this esptool is too old, it takes 5 or later: pipx install --force esptool`,
  },
  {
    says: /failed to connect|wrong boot mode|no serial data received/i,
    hint: m`hold the BOOT button while it connects`,
  },
];
