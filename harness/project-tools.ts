import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Board, FormatName } from '../model/board.js';
import { makeBuildFolder, writingBuild } from './build-folder.js';
import { BUILD_FOLDER } from '../model/firmware-manifest.js';
import { t } from '../model/messages.js';
import type { Compiled, Program } from './compile.js';
import { allocatedSections } from './elf-sections.js';
import { runCall, type StepOutcome } from './run-call.js';
import { findProgram } from './find-program.js';
import type { ProjectToolName } from './toolchains.js';

/** Building with arduino-cli, PlatformIO or ESP-IDF, which bring compilers and a core of their own. */

export interface Project {
  /** Absolute, as is `out`. */
  readonly directory: string;
  readonly board: Board;
  readonly format: FormatName;
  /** An empty folder for what is to be kept. */
  readonly out: string;
}

interface ProjectTool {
  readonly call: (project: Project) => { readonly arguments: readonly string[] };
  /** What people are to read of what it said. */
  readonly log: (outcome: StepOutcome) => string;
  /** The program that a call which succeeded has left; null where it cannot be told. */
  readonly program: (project: Project, stdout: string) => Program | null;
}

/** The first time, ESP-IDF compiles itself, and the others fetch a compiler. */
const MILLISECONDS = 1_200_000;

/** Which tool builds a format. */
export const FORMAT_TOOLS: Readonly<Partial<Record<FormatName, ProjectToolName>>> = {
  sketch: 'arduino-cli',
  'arduino-library': 'arduino-cli',
  platformio: 'pio',
  'esp-idf': 'idf.py',
};

/** What arduino-cli must be told of a sketch that verifies, the sketch last. */
export const ARDUINO_SKETCHES: Readonly<Partial<Record<FormatName, (directory: string) => string[]>>> = {
  sketch: (directory) => [directory],
  'arduino-library': (directory) => ['--library', directory, path.join(directory, 'examples', 'Verify')],
};

/** Where `platformio.ini` says that PlatformIO is to work: what it left in `.pio` would be foreign files to `generate`. */
const pioFolder = (directory: string): string => path.join(directory, BUILD_FOLDER, 'pio');

export const idfFolder = (directory: string): string => path.join(directory, BUILD_FOLDER, 'idf');
/** Likewise; one folder may serve several builds, and an `sdkconfig` belongs to a target. */
export const idfArguments = (directory: string, { idfTarget }: Board): string[] => [
  ...['-C', path.join(directory, 'examples', 'verify'), '-B', idfFolder(directory)],
  ...[`-DSDKCONFIG=${path.join(idfFolder(directory), 'sdkconfig')}`, `-DIDF_TARGET=${idfTarget}`],
];
/** Lies in a folder in which ESP-IDF builds from when a build begins to when one has succeeded. */
export const unfinishedMark = (folder: string): string => path.join(folder, 'unfinished');
/** Parts of an ESP's RAM in names of sections; a `dummy` only keeps a place that another section takes. */
const ESP_RAM = /^\.(?:iram\d|dram\d|noinit)(?!.*dummy)/;

interface CliAnswer {
  readonly compiler_out?: string;
  readonly compiler_err?: string;
  readonly error?: string;
  readonly builder_result?: {
    readonly executable_sections_size?: readonly { readonly name: string; readonly size: number }[] | null;
  } | null;
}

function parseAnswer(stdout: string): CliAnswer | null {
  try {
    return JSON.parse(stdout) as CliAnswer | null;
  } catch {
    return null;
  }
}

const existing = (file: string): string | null => (existsSync(file) ? file : null);
const numberOf = (found: RegExpExecArray | null): number | undefined =>
  (found?.[1] && Number(found[1])) || undefined;

/** A program whose ELF and sizes are known, else null. */
function programOf(
  elf: string,
  hex: string,
  images: readonly string[],
  flash?: number,
  ram?: number,
): Program | null {
  if (!existsSync(elf) || flash === undefined || ram === undefined) return null;
  return { elf, hex: existing(hex), images, flashBytes: flash, ramBytes: ram };
}

const TOOLS: Readonly<Record<ProjectToolName, ProjectTool>> = {
  'arduino-cli': {
    call: ({ directory, board, format, out }) => ({
      arguments: [
        'compile',
        '-b',
        board.fqbn!,
        '--output-dir',
        out,
        '--json',
        ...ARDUINO_SKETCHES[format]!(directory),
      ],
    }),
    log({ stdout, stderr }) {
      const answer = parseAnswer(stdout);
      const said = answer ? [answer.compiler_out, answer.compiler_err, answer.error] : [stdout];
      return [...said, stderr].filter(Boolean).join('\n');
    },
    program({ directory, format, out }, stdout) {
      const sketch = path.basename(ARDUINO_SKETCHES[format]!(directory).at(-1)!);
      const sections = parseAnswer(stdout)?.builder_result?.executable_sections_size ?? [];
      const size = (name: string): number | undefined =>
        sections.find((section) => section.name === name)?.size;
      const file = (ending: string): string => path.join(out, `${sketch}.ino.${ending}`);
      const images = readdirSync(out).filter((name) => name.endsWith('.bin'));
      return programOf(
        file('elf'),
        file('hex'),
        images.map((name) => path.join(out, name)),
        size('text'),
        size('data'),
      );
    },
  },
  pio: {
    // Their user may have added environments for other boards, and made them defaults.
    call: ({ directory, board }) => ({ arguments: ['run', '-d', directory, '-e', board.id] }),
    log: ({ stdout, stderr }) => stdout + stderr,
    program({ directory, board }, stdout) {
      const built = path.join(pioFolder(directory), 'build', board.id);
      const used = (what: string): number | undefined =>
        numberOf(new RegExp(`^${what}:.*\\(used (\\d+) bytes`, 'm').exec(stdout));
      return programOf(
        path.join(built, 'firmware.elf'),
        path.join(built, 'firmware.hex'),
        [],
        used('Flash'),
        used('RAM'),
      );
    },
  },
  'idf.py': {
    call: ({ directory, board }) => ({ arguments: [...idfArguments(directory, board), 'build'] }),
    log: ({ stdout, stderr }) => stdout + stderr,
    program({ directory }) {
      const file = (ending: string): string => path.join(idfFolder(directory), `verify.${ending}`);
      if (!existsSync(file('elf')) || !existsSync(file('bin'))) return null;
      const sections = allocatedSections(readFileSync(file('elf'))) ?? [];
      const ram = sections
        .filter(({ name }) => ESP_RAM.test(name))
        .reduce((sum, { bytes }) => sum + bytes, 0);
      return programOf(file('elf'), file('hex'), [], statSync(file('bin')).size, ram);
    },
  },
};

/** Builds a project with the tool of its format, which must be installed. */
export async function buildProject(tool: ProjectToolName, project: Project): Promise<Compiled> {
  const { call, log, program } = TOOLS[tool];
  const mark = tool === 'idf.py' ? unfinishedMark(makeBuildFolder(project.directory, 'idf')) : null;
  if (mark !== null) writingBuild(idfFolder(project.directory), () => writeFileSync(mark, ''));
  const outcome = await runCall({
    program: tool,
    file: findProgram(tool),
    cwd: project.directory,
    milliseconds: MILLISECONDS,
    ...call(project),
  });
  const said = stripVTControlCharacters(`${outcome.command}${log(outcome)}\n`);
  if (outcome.failed) return { log: said, program: null };
  const built = program(project, outcome.stdout);
  if (built && mark !== null) rmSync(mark);
  return {
    log: built ? said : `${said}error: ${t`${tool} left no program whose sizes it tells`}\n`,
    program: built,
  };
}
