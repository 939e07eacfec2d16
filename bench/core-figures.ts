import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findBoard } from '../model/board.js';
import {
  firstDifference,
  referenceAnswers,
  runCoreBatch,
  writeCoreBatch,
} from '../test/support/core-batch.js';
import {
  compileSized,
  linkForCore,
  sizeOnCore,
  type MeasuredCoreName,
} from '../test/support/core-program.js';
import { BOARDS } from './device-facts.js';
import { ROWS, type DeviceFigures } from './device-figures.js';
import { benchModel, benchRows, type BenchNetwork } from './networks.js';

/** Exact figures of generated networks on a 32-bit core in QEMU, compiled as Arduino cores do. */

const FLAGS = ['-Os', '-ffunction-sections', '-fdata-sections'];

const program = (body: string): string => `#include "m0.h"
__attribute__((used)) uint8_t x[M0_FEATURES];
__attribute__((used)) int32_t y[M0_OUTPUTS];
__attribute__((used)) char name[M0_NAME_SIZE];
int main(void) { ${body} return 0; }
`;

/** Generates, builds, runs and measures one network; throws where the core disagrees with the reference. */
export async function measureOnCore(
  core: MeasuredCoreName,
  network: BenchNetwork,
  constantTime: boolean,
): Promise<DeviceFigures> {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-bench-'));
  try {
    const model = benchModel(network);
    const one = { model, board: findBoard(BOARDS[core]), constantTime, raw: benchRows(network, ROWS, 2) };
    const kernels = writeCoreBatch(folder, [one]);
    const answers = await runCoreBatch(core, folder, [one], FLAGS);
    if (firstDifference(answers, [referenceAnswers(one)]) !== null)
      throw new Error(`network ${network.name}: ${core} does not compute what the reference computes`);

    const sized = await compileSized(core, folder, FLAGS);
    const sizeOf = async (name: string, body: string): Promise<{ flash: number; ram: number }> => {
      const source = path.join(folder, `${name}.c`);
      writeFileSync(source, program(body));
      return sizeOnCore(core, await linkForCore(core, folder, source, sized));
    };
    const empty = await sizeOf('empty', '');
    const forward = await sizeOf('forward', 'm0_forward(x, y);');
    const whole = await sizeOf('whole', 'm0_class_name(m0_predict(x, y), name);');
    const [{ instructions }] = answers;
    return {
      core,
      network: network.name,
      constantTime,
      kernels,
      accumulators: model.layers.map((layer) => layer.accumulatorBits),
      cost: { min: Math.min(...instructions), max: Math.max(...instructions) },
      flashBytes: forward.flash - empty.flash,
      weightBytes: model.layers.reduce((sum, layer) => sum + layer.weights.length, 0),
      ramBytes: forward.ram - empty.ram,
      whole: { flashBytes: whole.flash - empty.flash },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
