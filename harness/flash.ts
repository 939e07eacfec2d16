import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { findBoard } from '../model/board.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { makeBuildFolder, writingBuild } from './build-folder.js';
import { buildFirmware, readManifest } from './build.js';
import { findBoardPort } from './find-board.js';
import { ABSENCE, findBootloader } from './reenumeration.js';
import { installCommand } from './packages.js';
import { buildInputs } from './program-files.js';
import { listPorts, requirePort, touchSerialPort } from './serial-port.js';
import { findProgram } from './find-program.js';
import { SYMPTOMS, UPLOADERS, uploadersOf, type Uploader, type UploaderName } from './uploaders.js';
import type { UploadProgress } from './upload-progress.js';
import { runUploader } from './run-uploader.js';

export interface FlashResult {
  readonly board: string;
  readonly port: string;
  readonly tool: UploaderName;
  /** The command that was run, for people to repeat. */
  readonly command: readonly string[];
  readonly seconds: number;
}

const FLASH_LOG = 'flash.log';

function chooseUploader(able: readonly UploaderName[], wanted: UploaderName | undefined): UploaderName {
  const wishes = wanted === undefined ? able : [wanted];
  const found = wishes.find((name) => findProgram(name) !== null);
  if (found) return found;
  const [first] = wishes;
  throw new Problem({
    kind: 'toolchain',
    code: 'missing-tool',
    message: t`missing: ${wishes.join(t` or `)} (${UPLOADERS[first].purpose})`,
    hint: installCommand([UPLOADERS[first].package]) ?? undefined,
  });
}

const unpluggedMeanwhile = (port: string, logFile: string): Problem =>
  new Problem({
    kind: 'toolchain',
    code: 'flash-failed',
    message: t`${port} went away during the upload; the board holds no whole program now`,
    hint: t`plug the board in, and upload again (the whole log is ${logFile})`,
  });

function uploadFailed(
  { tool, port }: { readonly tool: UploaderName; readonly port: string },
  failure: string,
  log: string,
  logFile: string,
): Problem {
  const symptom = SYMPTOMS.find(({ says }) => says.test(log));
  // What comes last is often but the consequence.
  const telling = symptom?.says ?? /error|fail|fatal|can't|cannot|not /i;
  const said = log
    .split('\n')
    .findLast((line) => telling.test(line))
    ?.trim();
  const helps = typeof symptom?.hint === 'function' ? symptom.hint(port, log) : symptom?.hint;
  return new Problem({
    kind: 'toolchain',
    code: 'flash-failed',
    message: `${tool} ${failure}${said ? `: ${said}` : ''}`,
    hint: helps ? t`${helps} (the whole log is ${logFile})` : t`the whole log is ${logFile}`,
  });
}

/**
 * Puts the verification firmware of a generated folder on the board behind a port, with the format's or the board's own
 * uploader, which reads back what it wrote; what neurona can build it builds first. Where no port is named, the board is
 * found by its USB interface among the ports that `list` says there are; a bootloader that waits for a touch is touched, and
 * found again in the same way. What the uploader says is kept as `build/flash.log`, and how far it says it is goes to
 * `onProgress`.
 * Throws a `Problem`: `not-for-a-board`, `wrong-uploader` (usage), `missing-tool`, `port-missing`, `port-permission`, `board-not-found`,
 * `several-ports`, `flash-failed` (toolchain), `not-built`, `stale-build` (data, where the uploader does not build), and
 * those of building.
 */
export async function flashFirmware(
  directory: string,
  port?: string,
  options: {
    readonly tool?: UploaderName;
    readonly list?: typeof listPorts;
    readonly onProgress?: (progress: UploadProgress) => void;
  } = {},
): Promise<FlashResult> {
  const manifest = readManifest(directory);
  const { format } = manifest;
  const board = findBoard(manifest.board);
  const able = uploadersOf(format, board);
  if (able.length === 0) {
    throw new Problem({
      kind: 'usage',
      code: 'not-for-a-board',
      message:
        format === 'c'
          ? t`plain C is no firmware for a board`
          : t`a project for ${board.name} is no firmware for a board`,
      file: directory,
      hint: t`generate with a board and another --format, such as sketch`,
    });
  }
  if (options.tool !== undefined && !able.includes(options.tool)) {
    throw new Problem({
      kind: 'usage',
      code: 'wrong-uploader',
      message: t`${options.tool} does not upload this folder; these do: ${able.join(', ')}`,
      file: directory,
    });
  }
  const tool = chooseUploader(able, options.tool);
  const uploader: Uploader = UPLOADERS[tool];
  const list = options.list ?? listPorts;
  if (port !== undefined) await requirePort(port, list);
  // Uploaders run in the project's folder.
  const given = port !== undefined && existsSync(port) ? path.resolve(port) : port;
  const named = given ?? (await findBoardPort(board, list));
  const hex = uploader.needsHex(board) ? (await buildFirmware(directory)).hex : null;
  const started = performance.now();
  // The other uploaders start bootloaders by themselves.
  const touchBaudRate = tool === 'avrdude' && board.upload?.tool === tool ? board.upload.touchBaudRate : null;
  const whereabouts = { list, ...ABSENCE };
  const place =
    touchBaudRate === null
      ? named
      : await findBootloader(named, board.usb, whereabouts, () => touchSerialPort(named, touchBaudRate));
  const call = uploader.call({
    ...{ directory, format, board, port: place },
    ...{ sources: buildInputs(manifest), hex: hex && path.resolve(hex) },
  });
  const buildFolder = makeBuildFolder(directory);
  const logFile = path.join(buildFolder, FLASH_LOG);
  // A processor that is its own USB device takes its port away when its bootloader starts and ends.
  const lasting = tool === 'avrdude' && touchBaudRate === null && existsSync(place) ? place : null;
  const { log, failure, unplugged } = await runUploader(
    findProgram(tool)!,
    call,
    lasting,
    options.onProgress ?? (() => {}),
  );
  const words = `$ ${tool} ${call.arguments.join(' ')}\n`;
  writingBuild(buildFolder, () => writeFileSync(logFile, words + log));
  if (unplugged) throw unpluggedMeanwhile(place, logFile);
  if (failure !== null) throw uploadFailed({ tool, port: place }, failure, log, logFile);
  const seconds = (performance.now() - started) / 1000;
  return { board: board.id, port: named, tool, command: [tool, ...call.arguments], seconds };
}
