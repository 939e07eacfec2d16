import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateFirmware } from '../codegen/generate.js';
import { writeFirmware } from '../codegen/output-folder.js';
import { buildFirmware, type BuildResult } from '../harness/build.js';
import { closePort, openPort } from '../harness/port.js';
import { openSession } from '../harness/session.js';
import { AVR_CHIPS } from '../harness/avr-chip.js';
import { simulatedAvr } from '../harness/simulator.js';
import type { Board } from '../model/board.js';
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
): Promise<BuildResult & { readonly directory: string; readonly hash: string }> {
  const directory = path.join(folder, 'bench');
  const { hash, text } = modelFileText(model);
  const settings = { format: 'sketch', name: 'bench', modelHash: hash } as const;
  const board = compact ? { ...known, flashBytes: null } : known;
  const firmware = generateFirmware({ ...settings, model, board, folderName: 'bench', constantTime });
  const files = [...firmware.files, { path: 'model.json', content: text }];
  const manifest = { tool: 'neurona bench', command: firmware.command, board: known.id, ...settings };
  writeFirmware(directory, manifest, files, { force: false });
  return { ...(await buildFirmware(directory)), directory, hash };
}

/** Flash and static memory of a sample's sketch on a board. */
export async function sketchSize(
  sample: CostSample,
  board: Board,
): Promise<{ flashBytes: number; ramBytes: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-costs-'));
  try {
    const { flashBytes, ramBytes } = await buildSample(folder, sample, board);
    return { flashBytes, ramBytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
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
