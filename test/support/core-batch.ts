import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateFirmware } from '../../codegen/generate.js';
import type { Board } from '../../model/board.js';
import { predict } from '../../model/infer.js';
import { modelFileText } from '../../model/model-file.js';
import { RAW_TYPES } from '../../model/network.js';
import { probabilities } from '../../model/probability.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { compileForCore, CORE_TARGETS, linkForCore, runOnCore, type CoreName } from './core-program.js';

/** Many models and their rows in one program for a simulated core. */

export interface CoreCase {
  readonly model: QuantizedModel;
  readonly board: Board;
  readonly constantTime: boolean;
  readonly raw: Int32Array; // (rows, features)
}

/** What a core makes of the rows of a case. */
export interface CoreAnswers {
  /** For each row the class (0 where numbers are predicted), raw outputs, and the numbers or probabilities, if there are any. */
  readonly values: Int32Array;
  /** Of each row's forward pass, the call included. */
  readonly instructions: Int32Array;
}

const PROGRAM = `
#define RUN(name, NAME, rows, FINISH) do { \\
    static name##_raw_t raw[NAME##_FEATURES]; \\
    static uint8_t x[NAME##_FEATURES]; \\
    static int32_t answer[2 + 2 * NAME##_OUTPUTS + 2]; \\
    int32_t *const y = answer + 2; \\
    for (row = 0; row < rows; row++) { \\
        core_read(raw, sizeof raw); \\
        for (i = 0; i < NAME##_FEATURES; i++) x[i] = name##_quantize_feature((uint16_t)i, raw[i]); \\
        answer[0] = (int32_t)core_count(name##_forward, x, y); \\
        FINISH(name, NAME) \\
    } \\
} while (0)
#define DECIDE(name, NAME) \\
    answer[1] = (int32_t)name##_decide(y); \\
    core_write(answer, 4u * (2u + NAME##_OUTPUTS));
#define SHARES(name, NAME) \\
    static uint16_t shares[NAME##_CLASSES]; \\
    answer[1] = (int32_t)name##_decide(y); \\
    name##_probabilities(y, shares); \\
    for (i = 0; i < NAME##_CLASSES; i++) y[NAME##_OUTPUTS + i] = shares[i]; \\
    core_write(answer, 4u * (2u + NAME##_OUTPUTS + NAME##_CLASSES));
#define VALUES(name, NAME) \\
    answer[1] = 0; \\
    name##_predict(raw, y + NAME##_OUTPUTS); \\
    core_write(answer, 4u * (2u + 2u * NAME##_OUTPUTS));
`;

/** How the program finishes a row. */
export const finishOf = ({ targets, probability }: QuantizedModel): string =>
  targets ? 'VALUES' : probability ? 'SHARES' : 'DECIDE';

/** Rows as the program reads them, in the raw type's own bytes. */
export function rowBytes({ model, raw }: CoreCase): Buffer {
  const { bytes, lowest } = RAW_TYPES[model.input.rawType];
  const buffer = Buffer.alloc(raw.length * bytes);
  raw.forEach((value, k) => {
    if (lowest < 0) buffer.writeIntLE(value, k * bytes, bytes);
    else buffer.writeUIntLE(value, k * bytes, bytes);
  });
  return buffer;
}

/** Writes the program: `models.c` is the code under test, `main.c` runs it. Returns the kernels that it takes. */
export function writeCoreBatch(folder: string, cases: readonly CoreCase[]): string[] {
  mkdirSync(folder, { recursive: true });
  const kernels: string[] = [];
  cases.forEach(({ model, board, constantTime }, k) => {
    const name = `m${k}`;
    const settings = { format: 'c', name, folderName: 'batch' } as const;
    const modelHash = modelFileText(model).hash;
    const firmware = generateFirmware({ ...settings, model, modelHash, board, constantTime });
    for (const file of firmware.files) {
      if (!file.path.includes('/')) writeFileSync(path.join(folder, file.path), file.content);
    }
    kernels.push(...firmware.kernels);
  });
  const include = (ending: string): string => cases.map((_, k) => `#include "m${k}.${ending}"\n`).join('');
  const runs = cases.map(
    ({ model, raw }, k) =>
      `    RUN(m${k}, M${k}, ${raw.length / model.input.features.length}u, ${finishOf(model)});\n`,
  );
  const main = `int main(void)\n{\n    uint32_t row, i;\n${runs.join('')}    return 0;\n}\n`;
  writeFileSync(path.join(folder, 'models.c'), include('c'));
  writeFileSync(path.join(folder, 'main.c'), `#include "core.h"\n${include('h')}${PROGRAM}${main}`);
  return kernels;
}

/** Values of one row's answer. */
export function answerWidth({ layers, targets, classes, probability }: QuantizedModel): number {
  const { outputs } = layers[layers.length - 1];
  return 1 + outputs + (targets ? outputs : probability ? classes.length : 0);
}

/** Compiles and runs a written batch. */
export async function runCoreBatch(
  core: CoreName,
  folder: string,
  cases: readonly CoreCase[],
  flags: readonly string[],
): Promise<CoreAnswers[]> {
  await compileForCore(core, path.join(folder, 'models.c'), path.join(folder, 'models.o'), flags);
  const elf = await linkForCore(core, folder, path.join(folder, 'main.c'));
  const bytes = await runOnCore(core, elf, Buffer.concat(cases.map(rowBytes)));
  const words = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  let at = 0;
  const answers = cases.map(({ model, raw }): CoreAnswers => {
    const width = answerWidth(model);
    const rows = raw.length / model.input.features.length;
    const values = new Int32Array(rows * width);
    const instructions = new Int32Array(rows);
    for (let r = 0; r < rows; r++, at += 1 + width) {
      // The program takes the call off.
      const { ticksPerInstruction, callInstructions } = CORE_TARGETS[core];
      instructions[r] = callInstructions + Math.round(words[at] / ticksPerInstruction);
      values.set(words.subarray(at + 1, at + 1 + width), r * width);
    }
    return { values, instructions };
  });
  if (at !== words.length) throw new Error(`${words.length} words from ${core}; expected ${at}`);
  return answers;
}

/** What the integer reference answers: `values` of `CoreAnswers`. */
export function referenceAnswers({ model, raw }: Pick<CoreCase, 'model' | 'raw'>): Int32Array {
  const features = model.input.features.length;
  const width = answerWidth(model);
  const answers = new Int32Array((raw.length / features) * width);
  for (let r = 0; r * features < raw.length; r++) {
    const row = raw.subarray(r * features, (r + 1) * features);
    const { class: label, outputs, values } = predict(model, row);
    answers[r * width] = model.targets ? 0 : label;
    answers.set(outputs, r * width + 1);
    answers.set(probabilities(model, outputs) ?? values, r * width + 1 + outputs.length);
  }
  return answers;
}

/** The first case and value in which answers differ from those expected, for people; null where all are equal. */
export function firstDifference(got: readonly CoreAnswers[], expected: readonly Int32Array[]): string | null {
  for (const [k, { values }] of got.entries()) {
    const at = values.findIndex((value, i) => value !== expected[k][i]);
    if (at >= 0) return `case ${k}, value ${at}: ${values[at]} instead of ${expected[k][at]}`;
    if (values.length !== expected[k].length) return `case ${k}: ${values.length} values`;
  }
  return got.length === expected.length ? null : `${got.length} cases`;
}
