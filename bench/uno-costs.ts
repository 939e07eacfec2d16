import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateFirmware } from '../codegen/generate.js';
import type { ProgramMemory, ProgramFacts } from '../codegen/layer-work.js';
import { writeFirmware } from '../codegen/output-folder.js';
import { buildFirmware, type BuildResult } from '../harness/build.js';
import { closePort, openPort } from '../harness/port.js';
import { openSession } from '../harness/session.js';
import { AVR_CHIPS } from '../harness/avr-chip.js';
import { simulatedAvr } from '../harness/simulator.js';
import type { BuilderName } from '../harness/toolchains.js';
import { allBoards, findBoard, type Board } from '../model/board.js';
import { modelFileText } from '../model/model-file.js';
import type { CostSample } from './cost-samples.js';

/** What a sample takes as a sketch on a simulated AVR board. */

export interface Measurement {
  /** Of each row. */
  readonly costs: readonly number[];
  readonly flashBytes: number;
  readonly ramBytes: number;
  readonly stackBytes: number;
  /** What the whole model adds to an empty program; null where that is `flashBytes`. */
  readonly libraryBytes: number | null;
}

/** Flash of a program with the flags of the Arduino core. */
function flashOf(folder: string, main: string, sources: readonly string[]): number {
  const include =
    '#include "bench.h"\nbench_raw_t x[BENCH_FEATURES];\nint32_t y[BENCH_OUTPUTS];\nchar name[64];\n';
  writeFileSync(path.join(folder, 'main.c'), `${include}int main(void) { ${main} for (;;) { } }\n`);
  const flags = [
    '-mmcu=atmega328p',
    '-Os',
    '-flto',
    '-ffunction-sections',
    '-fdata-sections',
    '-Wl,--gc-sections',
  ];
  const files = ['main.c', ...sources];
  execFileSync('avr-gcc', [...flags, '-std=gnu11', '-o', 'main.elf', ...files], { cwd: folder });
  const [, line] = execFileSync('avr-size', ['main.elf'], { cwd: folder, encoding: 'utf8' }).split('\n');
  const [text, data] = line.trim().split(/\s+/).map(Number);
  return text + data;
}

/** Generates and builds the sketch of a sample; `directory` is its folder. */
async function buildSample(
  folder: string,
  { model, constantTime, compact }: CostSample,
  known: Board,
  toolchain?: BuilderName,
): Promise<BuildResult & { readonly directory: string; readonly hash: string }> {
  const directory = path.join(folder, 'bench');
  const { hash, text } = modelFileText(model);
  const settings = { format: 'sketch', name: 'bench', modelHash: hash } as const;
  const board = compact ? { ...known, flashBytes: null } : known;
  const firmware = generateFirmware({ ...settings, model, board, folderName: 'bench', constantTime });
  const files = [...firmware.files, { path: 'model.json', content: text }];
  const manifest = { tool: 'neurona bench', command: firmware.command, board: known.id, ...settings };
  writeFirmware(directory, manifest, files, { force: false });
  return { ...(await buildFirmware(directory, { toolchain })), directory, hash };
}

/** Flash and static memory of a sample's sketch on a board. */
async function sketchMemory(
  sample: CostSample,
  board: Board,
  toolchain?: BuilderName,
): Promise<ProgramMemory> {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-costs-'));
  try {
    const { flashBytes, ramBytes } = await buildSample(folder, sample, board, toolchain);
    return { flashBytes, ramBytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const minus = (a: ProgramMemory, b: ProgramMemory): ProgramMemory => ({
  flashBytes: a.flashBytes - b.flashBytes,
  ramBytes: a.ramBytes - b.ramBytes,
});

const most = (values: readonly ProgramMemory[]): ProgramMemory => ({
  flashBytes: Math.max(...values.map(({ flashBytes }) => flashBytes)),
  ramBytes: Math.max(...values.map(({ ramBytes }) => ramBytes)),
});

/** What the first sample's sketch takes more on other AVR processors than on the Uno's; and any with Arduino's core, at most. */
export async function programFacts(samples: readonly CostSample[]): Promise<ProgramFacts> {
  const boards = new Map(
    allBoards().flatMap((board) => (board.toolchains[0] === 'avr-gcc' ? [[board.mcu!, board] as const] : [])),
  );
  const uno = await sketchMemory(samples[0], findBoard('uno'));
  const others: Record<string, ProgramMemory> = {};
  const arduinoCore: Record<string, ProgramMemory> = {};
  for (const [mcu, board] of boards) {
    const own = await Promise.all(samples.map((sample) => sketchMemory(sample, board)));
    const withCore = await Promise.all(samples.map((sample) => sketchMemory(sample, board, 'arduino-core')));
    if (mcu !== findBoard('uno').mcu) others[mcu] = minus(own[0], uno);
    arduinoCore[mcu] = most(withCore.map((memory, k) => minus(memory, own[k])));
  }
  return { others, arduinoCore };
}

export async function measureOnAvr(sample: CostSample, board: Board): Promise<Measurement> {
  const { model, raw } = sample;
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-costs-'));
  try {
    const { hex, flashBytes, ramBytes, directory, hash } = await buildSample(folder, sample, board);
    const { binding, board: simulated } = simulatedAvr(
      readFileSync(hex!, 'utf8'),
      board.clockHz!,
      AVR_CHIPS[board.mcu as keyof typeof AVR_CHIPS],
    );
    const port = await openPort(binding, 'simulator', board.serial!.baudRate);
    const costs: number[] = [];
    try {
      const timing = { boot: board.serial!.bootMilliseconds, answer: 20_000, run: 30_000 };
      const session = await openSession(port, { modelHash: hash, baudRate: board.serial!.baudRate, timing });
      const features = model.input.features.length;
      for (let at = 0; at < raw.length; at += features) {
        costs.push((await session.run(raw.subarray(at, at + features))).cycles);
      }
    } finally {
      await closePort(port);
    }
    const source = path.join(directory, 'src');
    const use = model.targets ? 'bench_predict(x, y);' : 'bench_class_name(bench_predict(x, y), name);';
    const libraryBytes = flashOf(source, use, ['bench.c']) - flashOf(source, '', []);
    return { costs, flashBytes, ramBytes, stackBytes: simulated.stackBytes, libraryBytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
