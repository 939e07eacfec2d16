import { BUILD_PLANS, type BuildInput, type Step } from './build-plan.js';
import { runCall } from './run-call.js';
import { findTool, type ToolchainName } from './toolchains.js';

/** A finished program: its files lie where they were made. */
export interface Program {
  readonly elf: string;
  readonly hex: string | null;
  /** Further files that an uploader may want. */
  readonly images: readonly string[];
  readonly flashBytes: number;
  readonly ramBytes: number;
}

/** What a build said, and the program, or null where it failed. */
export interface Compiled {
  readonly log: string;
  readonly program: Program | null;
}

const STEP_MILLISECONDS = 120_000;
const PARALLEL_STEPS = 2;
/** Sections as `size -A` names them; constants in flash are part of `.text` on AVR and `.rodata` elsewhere. */
const FLASH_SECTION = /^\.(?:text|rodata|data|bootloader)\s+(\d+)/;
const RAM_SECTION = /^\.(?:data|bss|noinit)\s+(\d+)/;

interface Outcome {
  readonly stdout: string;
  readonly log: string;
  readonly failed: boolean;
}

async function runStep({ program, arguments: args }: Step, cwd: string): Promise<Outcome> {
  const call = { program, file: findTool(program), arguments: args, cwd, milliseconds: STEP_MILLISECONDS };
  const { stdout, stderr, command, failed } = await runCall(call);
  return { stdout, log: command + stderr, failed };
}

/** Several at a time; the steps after a failed one are not begun. */
async function runAll(steps: readonly Step[], directory: string, parallel: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
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

/** Compiles the files of a folder with nothing but a compiler, which must be installed. */
export async function compileBare(
  toolchain: ToolchainName,
  directory: string,
  input: BuildInput,
): Promise<Compiled> {
  const plan = BUILD_PLANS[toolchain](input);
  const measure: Step = { program: plan.sizeTool, arguments: ['-A', plan.elf] };
  const outcomes = await runAll(plan.compile, directory, PARALLEL_STEPS);
  const failed = (): boolean => outcomes.some((outcome) => outcome.failed);
  if (!failed()) outcomes.push(...(await runAll([...plan.finish, measure], directory, 1)));
  const said = outcomes.map(({ log }) => log).join('');
  if (failed()) return { log: said, program: null };
  const sizes = outcomes.at(-1)!.stdout;
  const flashBytes = sumSections(sizes, FLASH_SECTION);
  const ramBytes = sumSections(sizes, RAM_SECTION);
  return {
    log: said + sizes,
    program: { elf: plan.elf, hex: plan.hex, images: [], flashBytes, ramBytes },
  };
}
