import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readArtifact } from '../model/artifact.js';
import { findBoard, STACK_RESERVE_BYTES, type Board } from '../model/board.js';
import {
  BUILD_FOLDER,
  MANIFEST_FILE,
  firmwareManifestSchema,
  type FirmwareManifest,
} from '../model/firmware-manifest.js';
import { fileReason } from '../model/file-error.js';
import { Problem } from '../model/problem.js';
import { BUILD_PLANS, type BuildPlan, type Step } from './build-plan.js';
import { buildCommand, programFiles } from './program-files.js';
import { findTool, requireTools, TOOLCHAINS, type ToolchainName } from './toolchains.js';

export interface BuildResult {
  readonly board: string;
  readonly toolchain: ToolchainName;
  /** The program, executable where it is for this computer. */
  readonly elf: string;
  readonly hex: string | null;
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** Always true: what does not fit is a `Problem`. */
  readonly fits: boolean;
  readonly warnings: readonly string[];
}

export const BUILD_LOG = 'build.log';
/** A folder of plain C is compiled for this computer, whatever board its C is meant for. */
const HOST_BOARD = 'host';
const STEP_MILLISECONDS = 120_000;
const PARALLEL_STEPS = 2;
/** Sections as `size -A` names them; constants in flash are part of `.text` on AVR and `.rodata` elsewhere. */
const FLASH_SECTION = /^\.(?:text|rodata|data|bootloader)\s+(\d+)/;
const RAM_SECTION = /^\.(?:data|bss|noinit)\s+(\d+)/;

interface StepOutcome {
  readonly stdout: string;
  /** The command and what it said. */
  readonly log: string;
  readonly failed: boolean;
}

function runStep(step: Step, directory: string): Promise<StepOutcome> {
  const { program, arguments: args } = step;
  const options = {
    cwd: directory,
    timeout: STEP_MILLISECONDS,
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C' },
  };
  return new Promise((resolve) => {
    execFile(findTool(program) ?? program, args, options, (error, stdout, stderr) => {
      const late = error?.killed ? `${program} did not end within ${STEP_MILLISECONDS / 1000} s\n` : '';
      const unstarted = error && typeof error.code === 'string' ? `${error.message}\n` : '';
      const log = `$ ${program} ${args.join(' ')}\n${stderr}${late}${unstarted}`;
      resolve({ stdout, log, failed: error !== null });
    });
  });
}

/** Two at a time; the steps after a failed one are not begun. */
async function runAll(steps: readonly Step[], directory: string, parallel: number): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < steps.length && !outcomes.some((outcome) => outcome?.failed)) {
      const index = next++;
      outcomes[index] = await runStep(steps[index], directory);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return outcomes.filter(Boolean);
}

const sumSections = (listing: string, section: RegExp): number =>
  listing.split('\n').reduce((sum, line) => sum + Number(section.exec(line)?.[1] ?? 0), 0);

function unfit(board: Board, resource: string, need: number, have: number, reserve: string): Problem {
  return new Problem({
    kind: 'fit',
    code: 'does-not-fit',
    message: `the program needs ${need} bytes of ${resource}${reserve}; the ${board.name} has ${have}`,
    hint: 'train a smaller network (--hidden) or with --bits 4 or 2, or choose a larger board',
  });
}

function checkFit(board: Board, flashBytes: number, ramBytes: number): void {
  if (board.flashBytes !== null && flashBytes > board.flashBytes)
    throw unfit(board, 'flash', flashBytes, board.flashBytes, '');
  const ramNeed = ramBytes + STACK_RESERVE_BYTES;
  if (board.ramBytes !== null && ramNeed > board.ramBytes) {
    throw unfit(board, 'RAM', ramNeed, board.ramBytes, `, ${STACK_RESERVE_BYTES} of them for the stack`);
  }
}

function buildFailed(log: string, logFile: string): Problem {
  const lines = log.split('\n');
  const tooLarge = lines.find((line) =>
    /region .* overflowed|will not fit in region|relocation truncated/.test(line),
  );
  const first = tooLarge ?? lines.find((line) => /\berror: |undefined reference/.test(line));
  return new Problem({
    kind: tooLarge === undefined ? 'toolchain' : 'fit',
    code: tooLarge === undefined ? 'build-failed' : 'does-not-fit',
    message: first?.trim() ?? 'the compiler failed',
    hint: `the whole log is ${logFile}; an earlier build, if there is one, is untouched`,
  });
}

/** Reads `neurona.json` of a generated folder; throws a `Problem` where it is none. */
export function readManifest(directory: string): FirmwareManifest {
  return readArtifact(path.join(directory, MANIFEST_FILE), 'firmware', firmwareManifestSchema).body;
}

async function compile(
  plan: BuildPlan,
  directory: string,
): Promise<{ log: string; failed: boolean; sizes: string }> {
  const measure: Step = { program: plan.sizeTool, arguments: ['-A', plan.elf] };
  const outcomes = await runAll(plan.compile, directory, PARALLEL_STEPS);
  const failed = (): boolean => outcomes.some((outcome) => outcome.failed);
  if (!failed()) outcomes.push(...(await runAll([...plan.finish, measure], directory, 1)));
  return {
    log: outcomes.map((outcome) => outcome.log).join(''),
    failed: failed(),
    sizes: outcomes.at(-1)?.stdout ?? '',
  };
}

const UNFINISHED = 'unfinished-';
const ABANDONED_MILLISECONDS = 3_600_000;

/** A new folder in the build folder, and an end to those that killed builds have left there. */
function makeWorkFolder(buildFolder: string): string {
  try {
    mkdirSync(buildFolder, { recursive: true });
    for (const name of readdirSync(buildFolder).filter((entry) => entry.startsWith(UNFINISHED))) {
      const folder = path.join(buildFolder, name);
      if (Date.now() - statSync(folder).mtimeMs > ABANDONED_MILLISECONDS) rmSync(folder, { recursive: true });
    }
    return mkdtempSync(path.join(path.resolve(buildFolder), UNFINISHED));
  } catch (error) {
    throw new Problem({
      kind: 'data',
      code: 'cannot-write',
      message: `cannot write the build: ${fileReason(error)}`,
      file: buildFolder,
      hint: 'make the folder writable, or generate into another one',
    });
  }
}

/**
 * Compiles a generated folder into its `build/`. Everything is made beside the earlier build and replaces it
 * only when it is whole; the log of a failed build is kept as `build/build.log`.
 * Throws a `Problem`: `missing-tool`, `build-failed` (kind toolchain), `does-not-fit` (kind fit).
 */
export async function buildFirmware(
  directory: string,
  options: { readonly toolchain?: ToolchainName } = {},
): Promise<BuildResult> {
  const manifest = readManifest(directory);
  const board = findBoard(manifest.board);
  // A folder of plain C holds a program for this computer, whatever board the C is meant for.
  const usable: readonly ToolchainName[] = manifest.format === 'c' ? ['gcc'] : board.toolchains;
  if (usable.length === 0) {
    throw new Problem({
      kind: 'toolchain',
      code: 'no-toolchain',
      message: `neurona does not compile for the ${board.name} itself`,
      file: directory,
      hint: `build it with its own tools: ${buildCommand(directory, manifest.format, board)}`,
    });
  }
  const toolchain = options.toolchain ?? usable[0];
  if (!usable.includes(toolchain)) {
    const message = `${toolchain} does not build this folder; these do: ${usable.join(', ')}`;
    throw new Problem({ kind: 'usage', code: 'wrong-toolchain', message, file: directory });
  }
  requireTools(TOOLCHAINS[toolchain]);

  const buildFolder = path.join(directory, BUILD_FOLDER);
  const out = makeWorkFolder(buildFolder);
  try {
    const plan = BUILD_PLANS[toolchain]({ board, name: manifest.name, ...programFiles(manifest), out });
    const { log, failed, sizes } = await compile(plan, directory);
    const logFile = path.join(buildFolder, BUILD_LOG);
    writeFileSync(logFile, `${log}${sizes}`);
    if (failed) throw buildFailed(log, logFile);
    const flashBytes = sumSections(sizes, FLASH_SECTION);
    const ramBytes = sumSections(sizes, RAM_SECTION);
    if (toolchain !== 'gcc') checkFit(board, flashBytes, ramBytes);

    const keep = (file: string): string => {
      const kept = path.join(buildFolder, path.basename(file));
      renameSync(file, kept);
      return kept;
    };
    return {
      board: toolchain === 'gcc' ? HOST_BOARD : board.id,
      toolchain,
      elf: keep(plan.elf),
      hex: plan.hex === null ? null : keep(plan.hex),
      flashBytes,
      ramBytes,
      fits: true,
      warnings: log.split('\n').filter((line) => /\bwarning:/.test(line)),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
