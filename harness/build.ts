import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readArtifact } from '../model/artifact.js';
import { findBoard, STACK_RESERVE_BYTES, type Board } from '../model/board.js';
import { MANIFEST_FILE, firmwareManifestSchema, type FirmwareManifest } from '../model/firmware-manifest.js';
import { t } from '../model/messages.js';
import { Problem, rejectData } from '../model/problem.js';
import { shellWords } from '../model/shell-words.js';
import { buildFailed, LINE_END } from './build-failure.js';
import { makeBuildFolder, writingBuild } from './build-folder.js';
import { compileBare, type Compiled, type Program } from './compile.js';
import { chooseBuilder, missingTool } from './builders.js';
import { compileModel, findStandIn, type StandIn } from './compile-model.js';
import { programFiles } from './program-files.js';
import { buildProject, type Project } from './project-tools.js';
import { isProjectTool, type BuilderName } from './toolchains.js';

export interface BuildResult {
  readonly board: string;
  readonly toolchain: BuilderName;
  /** The program, executable where it is for this computer; of a model alone, its object file. */
  readonly elf: string;
  readonly hex: string | null;
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** Always true: what does not fit is a `Problem`. */
  readonly fits: boolean;
  readonly warnings: readonly string[];
  /** Where the model alone was compiled (`bare`): what makes a program of the folder where nothing installed does, and what installs it. */
  readonly missing: { readonly tool: string; readonly install: string } | null;
  /** Of a model alone: what compiled it where that was not the compiler of the board's SDK. */
  readonly standIn: StandIn | null;
}

export const BUILD_LOG = 'build.log';
/** A folder of plain C is compiled for this computer, whatever board its C is meant for. */
const HOST_BOARD = 'host';
function unfit(board: Board, resource: string, need: number, have: number, reserve: string): Problem {
  return new Problem({
    kind: 'fit',
    code: 'does-not-fit',
    message: t`the program needs ${need} bytes of ${resource}${reserve}; the ${board.name} has ${have}`,
    hint: t`train a smaller network (--hidden) or with --bits 4 or 2, or choose a larger board`,
  });
}

function checkFit(board: Board, flashBytes: number, ramBytes: number): void {
  if (board.flashBytes !== null && flashBytes > board.flashBytes)
    throw unfit(board, 'flash', flashBytes, board.flashBytes, '');
  const ramNeed = ramBytes + STACK_RESERVE_BYTES;
  if (board.ramBytes !== null && ramNeed > board.ramBytes) {
    throw unfit(board, 'RAM', ramNeed, board.ramBytes, t`, ${STACK_RESERVE_BYTES} of them for the stack`);
  }
}

/** Reads `neurona.json` of a generated folder; throws a `Problem` where it is none. */
export function readManifest(directory: string): FirmwareManifest {
  if (statSync(directory, { throwIfNoEntry: false })?.isFile()) {
    rejectData('not-a-folder', t`it is a file; expected a folder that neurona generate wrote`, {
      file: directory,
      hint: t`generate one from it: neurona generate ${shellWords([directory])} --board uno -o firmware`,
    });
  }
  return readArtifact(path.join(directory, MANIFEST_FILE), 'firmware', firmwareManifestSchema).body;
}

const UNFINISHED = 'unfinished-';
const ABANDONED_MILLISECONDS = 3_600_000;

/** Of builds under way, for Ctrl-C ends the process before any `finally`. */
const workFolders = new Set<string>();
process.on('exit', () => workFolders.forEach(removeWorkFolder));

/** A new folder in the build folder, and an end to those that killed builds have left there. */
function makeWorkFolder(buildFolder: string): string {
  return writingBuild(buildFolder, () => {
    for (const name of readdirSync(buildFolder).filter((entry) => entry.startsWith(UNFINISHED))) {
      const folder = path.join(buildFolder, name);
      if (Date.now() - statSync(folder).mtimeMs > ABANDONED_MILLISECONDS) rmSync(folder, { recursive: true });
    }
    const folder = mkdtempSync(path.join(path.resolve(buildFolder), UNFINISHED));
    workFolders.add(folder);
    return folder;
  });
}

function removeWorkFolder(folder: string): void {
  workFolders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Puts a program's files in place of the earlier one's, none of them before all are there; where they then are. */
function keepProgram(
  { elf, hex, images }: Program,
  { name, out, buildFolder }: { readonly name: string; readonly out: string; readonly buildFolder: string },
): Pick<BuildResult, 'elf' | 'hex'> {
  const elfName = `${name}${path.extname(elf)}`;
  const hexName = `${name}.hex`;
  const files = [...images.map((file) => [file, path.basename(file)] as const), [elf, elfName] as const];
  if (hex !== null) files.push([hex, hexName]);
  for (const [file, as] of files) if (file !== path.join(out, as)) copyFileSync(file, path.join(out, as));
  const kept = (as: string): string => path.join(buildFolder, as);
  for (const [, as] of files) renameSync(path.join(out, as), kept(as));
  return { elf: kept(elfName), hex: hex === null ? null : kept(hexName) };
}

/** Compiles what the chosen builder makes of the folder. */
function compile(
  builder: BuilderName,
  manifest: FirmwareManifest,
  { directory, board, out }: Pick<Project, 'directory' | 'board' | 'out'>,
): Promise<Compiled> {
  const { name, format } = manifest;
  if (isProjectTool(builder)) return buildProject(builder, { directory, board, format, out });
  const files = programFiles(manifest);
  if (builder !== 'bare') return compileBare(builder, directory, { board, name, ...files, out });
  const source = files.sources.find((file) => path.posix.basename(file) === `${name}.c`)!;
  return compileModel({ directory, board, name, source, includes: files.includes, out });
}

/**
 * Builds a generated folder into its `build/`, with a bare compiler or the project tool of its format; where neither makes a
 * program for the board, the model alone, if there is a compiler for the processor. Everything is made
 * beside the earlier build and replaces it only when it is whole; the log is kept as `build/build.log`.
 * Throws a `Problem`: `wrong-toolchain` (kind usage), `missing-tool`, `build-failed` (kind toolchain), `does-not-fit`
 * (kind fit).
 */
export async function buildFirmware(
  directory: string,
  options: { readonly toolchain?: BuilderName } = {},
): Promise<BuildResult> {
  const manifest = readManifest(directory);
  const { name } = manifest;
  const board = findBoard(manifest.board);
  const toolchain = chooseBuilder(directory, manifest, board, options.toolchain);
  const buildFolder = makeBuildFolder(directory);
  const out = makeWorkFolder(buildFolder);
  try {
    const project = { directory: path.resolve(directory), board, out };
    const { log, program } = await compile(toolchain, manifest, project);
    const logFile = path.join(buildFolder, BUILD_LOG);
    writingBuild(buildFolder, () => writeFileSync(logFile, log));
    if (program === null) throw buildFailed({ log, logFile, directory, board });
    const { flashBytes, ramBytes } = program;
    if (toolchain !== 'gcc') checkFit(board, flashBytes, ramBytes);
    const { elf, hex } = writingBuild(buildFolder, () => keepProgram(program, { name, out, buildFolder }));
    return {
      board: toolchain === 'gcc' ? HOST_BOARD : board.id,
      toolchain,
      elf,
      hex,
      flashBytes,
      ramBytes,
      fits: true,
      warnings: log.split(LINE_END).filter((line) => /\bwarning:/.test(line)),
      missing: toolchain === 'bare' ? missingTool(manifest, board) : null,
      standIn: toolchain === 'bare' ? findStandIn(board) : null,
    };
  } finally {
    removeWorkFolder(out);
  }
}
