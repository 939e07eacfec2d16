import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateFirmware } from '../../codegen/generate.js';
import type { Board } from '../../model/board.js';
import { predict } from '../../model/infer.js';
import { modelFileText } from '../../model/model-file.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { compileForCore, CORE_TARGETS, linkForCore, runOnCore, type CoreName } from './core-program.js';

/** Many models and their rows in one program for a simulated core. */

export interface CoreCase {
  readonly model: QuantizedModel;
  readonly board: Board;
  readonly constantTime: boolean;
  readonly raw: Int32Array; // (rows, features)
}

/** What the core makes of a row, and the instructions of its forward pass, the call included. */
export interface CoreAnswer {
  /** The class; 0 where numbers are predicted. */
  readonly label: number;
  /** Raw outputs, followed by the predicted numbers if there are any. */
  readonly outputs: readonly number[];
  readonly instructions: number;
}

const literal = (value: number): string => (value === -2147483648 ? '(-2147483647 - 1)' : `${value}`);

const PROGRAM = `
#define RUN(name, NAME, rows, FINISH) do { \\
    static uint8_t x[NAME##_FEATURES]; \\
    static int32_t y[NAME##_OUTPUTS]; \\
    for (row = 0; row < rows; row++) { \\
        for (i = 0; i < NAME##_FEATURES; i++) x[i] = name##_quantize_feature((uint16_t)i, name##_raw[row * NAME##_FEATURES + i]); \\
        start = core_ticks(); \\
        name##_forward(x, y); \\
        ticks = core_ticks() - start; \\
        FINISH(name, NAME) \\
    } \\
} while (0)
#define DECIDE(name, NAME) answer(ticks - nothing, name##_decide(y), y, NAME##_OUTPUTS);
#define VALUES(name, NAME) answer(ticks - nothing, 0, y, NAME##_OUTPUTS); \\
    name##_predict(name##_raw + row * NAME##_FEATURES, y); \\
    core_write(y, sizeof y);

static uint32_t nothing;
static void answer(uint32_t ticks, uint32_t label, const int32_t *y, uint32_t outputs)
{
    const uint32_t head[2] = {ticks, label};
    core_write(head, sizeof head);
    core_write(y, outputs * sizeof *y);
}
`;

/** Writes the program: `models.c` is the code under test, `main.c` runs it. Returns the kernels that it takes. */
export function writeCoreBatch(folder: string, cases: readonly CoreCase[]): string[] {
  mkdirSync(folder, { recursive: true });
  const kernels: string[] = [];
  const rows = cases.map(({ model, board, constantTime, raw }, k) => {
    const name = `m${k}`;
    const settings = { format: 'c', name, folderName: 'batch' } as const;
    const modelHash = modelFileText(model).hash;
    const firmware = generateFirmware({ ...settings, model, modelHash, board, constantTime });
    for (const file of firmware.files) {
      if (!file.path.includes('/')) writeFileSync(path.join(folder, file.path), file.content);
    }
    kernels.push(...firmware.kernels);
    return `static const ${name}_raw_t ${name}_raw[] = {${Array.from(raw, literal).join(', ')}};\n`;
  });
  const include = (ending: string): string => cases.map((_, k) => `#include "m${k}.${ending}"\n`).join('');
  const runs = cases.map(
    ({ model, raw }, k) =>
      `    RUN(m${k}, M${k}, ${raw.length / model.input.features.length}u, ${model.targets ? 'VALUES' : 'DECIDE'});\n`,
  );
  const main = `int main(void)\n{\n    uint32_t row, i, start, ticks;\n    nothing = core_ticks();\n    nothing = core_ticks() - nothing;\n${runs.join('')}    return 0;\n}\n`;
  writeFileSync(path.join(folder, 'models.c'), include('c'));
  writeFileSync(
    path.join(folder, 'main.c'),
    `#include "core.h"\n${include('h')}${PROGRAM}${rows.join('')}${main}`,
  );
  return kernels;
}

/** Compiles and runs a written batch; one list of answers for each case. */
export async function runCoreBatch(
  core: CoreName,
  folder: string,
  cases: readonly CoreCase[],
  flags: readonly string[],
): Promise<CoreAnswer[][]> {
  await compileForCore(core, folder, flags);
  const bytes = await runOnCore(core, await linkForCore(core, folder, path.join(folder, 'main.c')));
  let at = 0;
  const answers = cases.map(({ model, raw }) => {
    const width = model.layers[model.layers.length - 1].outputs * (model.targets ? 2 : 1);
    return Array.from({ length: raw.length / model.input.features.length }, () => {
      const instructions = Math.round(bytes.readUInt32LE(at) / CORE_TARGETS[core].ticksPerInstruction);
      const label = bytes.readUInt32LE(at + 4);
      const outputs = Array.from({ length: width }, (_, n) => bytes.readInt32LE(at + 8 + 4 * n));
      at += 8 + 4 * width;
      return { label, outputs, instructions };
    });
  });
  if (at !== bytes.length) throw new Error(`${bytes.length} bytes from ${core}; expected ${at}`);
  return answers;
}

/** What the integer reference answers. */
export function referenceAnswers({ model, raw }: CoreCase): Omit<CoreAnswer, 'instructions'>[] {
  const features = model.input.features.length;
  return Array.from({ length: raw.length / features }, (_, r) => {
    const { class: label, outputs, values } = predict(model, raw.subarray(r * features, (r + 1) * features));
    return { label: model.targets ? 0 : label, outputs: [...outputs, ...values] };
  });
}
