import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CostSet } from '../codegen/cost-terms.js';
import { findBoard } from '../model/board.js';
import { runCoreBatch, writeCoreBatch, type CoreCase } from '../test/support/core-batch.js';
import {
  compileSized,
  CORE_TARGETS,
  linkForCore,
  runOnCore,
  sizeOnCore,
} from '../test/support/core-program.js';
import { stackOf } from '../test/support/xtensa-stack.js';
import type { CostSample } from './cost-samples.js';
import { COST_BOARDS } from './device-facts.js';
import type { Measurement } from './uno-costs.js';

/** What samples take on a 32-bit core in QEMU, compiled as Arduino cores do. */

const FLAGS = ['-Os', '-ffunction-sections', '-fdata-sections'];
/** GCC alone folds functions that are equal, also those of different samples. */
const APART = ['-fno-ipa-icf'];
/** Bytes of stack that are painted. */
const PAINTED = 2048;

const STACK = `
__attribute__((noinline)) static uint32_t stack(int paint)
{
    volatile uint8_t area[${PAINTED}];
    uint32_t k;
    if (paint) {
        for (k = 0; k < ${PAINTED}; k++) area[k] = 0xa5;
        return 0;
    }
    for (k = 0; k < ${PAINTED} && area[k] == 0xa5; k++) { }
    return ${PAINTED} - k;
}
`;

/** Sizes of programs that only have what they would hand over, by all that they depend on: each is linked once. */
const emptySizes = new Map<string, { flash: number; ram: number }>();

/** A program that uses all of one model, or only has the features and the name that it hands over. */
function wholeProgram(k: number, { model }: CostSample, used: boolean): string {
  const calls = model.targets
    ? `m${k}_predict(features, outputs);`
    : `m${k}_class_name(m${k}_predict(features, outputs), name);`;
  return `#include "m${k}.h"
static m${k}_raw_t features[M${k}_FEATURES];
static int32_t outputs[M${k}_OUTPUTS];
static char name[64];
void *volatile place;
int main(void) { place = features; place = name; ${used ? calls : ''} return 0; }
`;
}

/** Bytes of stack of each sample's prediction, which the program paints, or LLVM's assembly tells. */
async function stacksOf(
  core: Exclude<CostSet, 'avr'>,
  folder: string,
  samples: readonly CostSample[],
): Promise<number[]> {
  if (CORE_TARGETS[core].llvm) {
    const assembly = readFileSync(path.join(folder, 'sized.o.s'), 'utf8');
    return samples.map((_, k) => stackOf(assembly, `m${k}_predict`));
  }
  const run = (k: number): string =>
    `    stack(1);\n    m${k}_predict(features${k}, outputs${k});\n    depth = stack(0);\n    core_write(&depth, sizeof depth);\n`;
  const arrays = samples.map(
    (_, k) =>
      `static m${k}_raw_t features${k}[M${k}_FEATURES];\nstatic int32_t outputs${k}[M${k}_OUTPUTS];\n`,
  );
  const headers = samples.map((_, k) => `#include "m${k}.h"\n`);
  const main = path.join(folder, 'stack.c');
  writeFileSync(
    main,
    `#include "core.h"\n${headers.join('')}${STACK}${arrays.join('')}int main(void)\n{\n    uint32_t depth;\n${samples.map((_, k) => run(k)).join('')}    return 0;\n}\n`,
  );
  const depths = await runOnCore(core, await linkForCore(core, folder, main));
  return samples.map((_, k) => depths.readUInt32LE(4 * k));
}

/** One measurement for each sample; they share a program, which must fit the simulated board. */
export async function measureOnCore(
  core: Exclude<CostSet, 'avr'>,
  samples: readonly CostSample[],
): Promise<Measurement[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-costs-'));
  try {
    const board = findBoard(COST_BOARDS[core]);
    const cases = samples.map(({ model, raw, constantTime, compact }): CoreCase => {
      return { model, raw, constantTime, board: compact ? { ...board, flashBytes: null } : board };
    });
    writeCoreBatch(folder, cases);
    const flags = CORE_TARGETS[core].llvm ? FLAGS : [...FLAGS, ...APART];
    const answers = await runCoreBatch(core, folder, cases, flags);
    const sized = await compileSized(core, folder, flags);
    const stacks = await stacksOf(core, folder, samples);
    return await Promise.all(
      samples.map(async (sample, k): Promise<Measurement> => {
        const size = async (used: boolean): Promise<{ flash: number; ram: number }> => {
          const main = path.join(folder, `p${k}${used ? 1 : 0}.c`);
          writeFileSync(main, wholeProgram(k, sample, used));
          return sizeOnCore(core, await linkForCore(core, folder, main, sized));
        };
        const { rawType, features } = sample.model.input;
        const key = `${core}, ${features.length} features of ${rawType}`;
        const empty = emptySizes.get(key) ?? (await size(false));
        emptySizes.set(key, empty);
        const whole = await size(true);
        return {
          costs: Array.from(answers[k].instructions),
          flashBytes: whole.flash - empty.flash,
          ramBytes: whole.ram - empty.ram,
          stackBytes: stacks[k],
          libraryBytes: null,
        };
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
