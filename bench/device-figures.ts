import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateFirmware } from '../codegen/generate.js';
import { writeFirmware } from '../codegen/output-folder.js';
import { verifyFirmware } from '../harness/verify.js';
import { BUILD_FOLDER } from '../model/firmware-manifest.js';
import { findBoard } from '../model/board.js';
import { modelFileText } from '../model/model-file.js';
import type { MeasuredCore } from './device-facts.js';
import { benchModel, benchRows, type BenchNetwork } from './networks.js';

/** Exact figures of generated networks on the simulated Uno: the same on every machine with the same compiler. */

export const ROWS = 20;

export interface DeviceFigures {
  readonly core: MeasuredCore;
  readonly network: string;
  readonly constantTime: boolean;
  readonly kernels: readonly string[];
  readonly accumulators: readonly number[];
  /** Of the forward pass, over all rows: cycles on AVR, instructions elsewhere. */
  readonly cost: { readonly min: number; readonly max: number };
  /** What the forward pass adds to an empty program, weights included. */
  readonly flashBytes: number;
  readonly weightBytes: number;
  /** Static memory of the forward pass, without its inputs and outputs. */
  readonly ramBytes: number;
  /** Of the verification sketch on AVR; elsewhere what the whole model adds, of which flash alone is measured. */
  readonly whole: { readonly flashBytes: number; readonly ramBytes?: number; readonly stackBytes?: number };
}

/** Flash and RAM of a program by avr-size. */
function sizeOf(elf: string): { flash: number; ram: number } {
  const [, line] = execFileSync('avr-size', [elf], { encoding: 'utf8' }).split('\n');
  const [text, data, bss] = line.trim().split(/\s+/).map(Number);
  return { flash: text + data, ram: data + bss };
}

function sizes(folder: string, sources: readonly string[]): { flash: number; ram: number } {
  const elf = path.join(folder, 'size.elf');
  const flags = [
    '-mmcu=atmega328p',
    '-Os',
    '-flto',
    '-ffunction-sections',
    '-fdata-sections',
    '-Wl,--gc-sections',
  ];
  execFileSync('avr-gcc', [...flags, '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-o', elf, ...sources], {
    cwd: folder,
  });
  return sizeOf(elf);
}

const MAIN = (body: string): string => `
__attribute__((used)) uint8_t x[BENCH_FEATURES];
__attribute__((used)) int32_t y[BENCH_OUTPUTS];
int main(void) { ${body} for (;;) { } }
`;

/** Generates, builds, runs and measures one network; throws where the simulated Uno disagrees with the reference. */
export async function measure(network: BenchNetwork, constantTime: boolean): Promise<DeviceFigures> {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-bench-'));
  try {
    const model = benchModel(network);
    const { hash, text } = modelFileText(model);
    const directory = path.join(folder, 'bench');
    const settings = { board: 'uno', format: 'sketch', name: 'bench', modelHash: hash } as const;
    const firmware = generateFirmware({
      ...settings,
      model,
      board: findBoard('uno'),
      folderName: 'bench',
      constantTime,
    });
    const files = [...firmware.files, { path: 'model.json', content: text }];
    writeFirmware(directory, { tool: 'neurona bench', command: firmware.command, ...settings }, files, {
      force: false,
    });
    const raw = benchRows(network, ROWS, 2);
    const result = await verifyFirmware(directory, 'simulator', model, hash, raw, null);
    if (result.mismatches > 0 || result.rows !== ROWS || !result.cycles)
      throw new Error(`network ${network.name}: ${result.mismatches} of ${result.rows} rows differ`);

    const source = path.join(directory, 'src');
    const include = '#include "bench.h"\n';
    writeFileSync(path.join(source, 'empty.c'), include + MAIN(''));
    writeFileSync(path.join(source, 'main.c'), include + MAIN('bench_forward(x, y);'));
    const empty = sizes(source, ['empty.c']);
    const forward = sizes(source, ['main.c', 'bench.c']);
    const sketch = sizeOf(path.join(directory, BUILD_FOLDER, 'bench.elf'));
    return {
      core: 'avr',
      network: network.name,
      constantTime,
      kernels: firmware.kernels,
      accumulators: firmware.accumulators,
      cost: { min: result.cycles.min, max: result.cycles.max },
      flashBytes: forward.flash - empty.flash,
      weightBytes: model.layers.reduce((sum, layer) => sum + layer.weights.length, 0),
      ramBytes: forward.ram - empty.ram,
      whole: { flashBytes: sketch.flash, ramBytes: sketch.ram, stackBytes: result.stackBytes! },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
