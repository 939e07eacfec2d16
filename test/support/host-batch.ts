import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { generateFirmware } from '../../codegen/generate.js';
import { modelFileText } from '../../model/model-file.js';
import { findBoard } from '../../model/board.js';
import { RAW_TYPES } from '../../model/network.js';
import { predict } from '../../model/infer.js';
import { probabilities } from '../../model/probability.js';
import type { QuantizedModel } from '../../model/quantized-model.js';

/**
 * Many models in one program: each compiler setting then starts once for a whole batch. The program reads
 * raw rows from standard input and answers class and raw outputs, all in binary.
 */

export interface BatchCase {
  readonly model: QuantizedModel;
  readonly raw: Int32Array; // (rows, features)
}

const run = promisify(execFile);

export const WARNINGS = [
  ...['-pedantic', '-Wall', '-Wextra', '-Werror', '-Wconversion', '-Wsign-conversion', '-Wshadow'],
  ...['-Wundef', '-Wstrict-prototypes', '-Wcast-qual'],
];

/** Writes `batch.c` and the models' files; returns the bytes to feed in and the bytes to expect. */
export function writeBatch(
  folder: string,
  cases: readonly BatchCase[],
  board = findBoard('host'),
  constantTime = false,
): { input: Buffer; expected: Buffer } {
  mkdirSync(folder, { recursive: true });
  const input: Buffer[] = [];
  const expected: Buffer[] = [];
  const includes: string[] = [];
  const steps: string[] = [];
  cases.forEach(({ model, raw }, k) => {
    const name = `m${k}`;
    const { hash } = modelFileText(model);
    const firmware = generateFirmware({
      model,
      modelHash: hash,
      board,
      format: 'c',
      name,
      folderName: 'batch',
      constantTime,
    });
    for (const file of firmware.files) {
      if (!file.path.includes('/')) writeFileSync(path.join(folder, file.path), file.content);
    }
    const features = model.input.features.length;
    const rows = raw.length / features;
    includes.push(`#include "${name}.c"`);
    const finish = model.probability ? `PROBABLE(${name}, M${k})` : '';
    steps.push(
      `    ${model.targets ? 'RUN_VALUES' : 'RUN'}(${name}, M${k}, ${rows}${model.targets ? '' : `, ${finish}`})`,
    );
    const bytes = RAW_TYPES[model.input.rawType].bytes;
    const rawBytes = Buffer.alloc(raw.length * bytes);
    raw.forEach((value, i) =>
      value < 0
        ? rawBytes.writeIntLE(value, i * bytes, bytes)
        : rawBytes.writeUIntLE(value, i * bytes, bytes),
    );
    input.push(rawBytes);
    for (let r = 0; r < rows; r++) {
      const found = predict(model, raw.subarray(r * features, (r + 1) * features));
      const head = model.targets ? [] : [found.class];
      const answer = Buffer.alloc(head.length + 4 * (found.outputs.length + found.values.length), head[0]);
      [...found.outputs, ...found.values].forEach((output, n) =>
        answer.writeInt32LE(output, head.length + 4 * n),
      );
      expected.push(answer);
      const shares = probabilities(model, found.outputs);
      if (shares) expected.push(Buffer.from(shares.buffer));
    }
  });
  const source = `#include <stdio.h>
${includes.join('\n')}
#define PROBABLE(name, NAME) { \\
        uint16_t shares[NAME##_CLASSES]; \\
        name##_probabilities(outputs, shares); \\
        fwrite(shares, sizeof shares[0], NAME##_CLASSES, stdout); \\
    }
#define RUN(name, NAME, rows, FINISH) { \\
    int row; \\
    for (row = 0; row < rows; row++) { \\
        name##_raw_t raw[NAME##_FEATURES]; \\
        int32_t outputs[NAME##_OUTPUTS]; \\
        uint8_t label; \\
        if (fread(raw, sizeof raw[0], NAME##_FEATURES, stdin) != NAME##_FEATURES) return 1; \\
        label = name##_predict(raw, outputs); \\
        fwrite(&label, 1, 1, stdout); \\
        fwrite(outputs, sizeof outputs[0], NAME##_OUTPUTS, stdout); \\
        FINISH \\
    } }
#define RUN_VALUES(name, NAME, rows) { \\
    int row; \\
    for (row = 0; row < rows; row++) { \\
        name##_raw_t raw[NAME##_FEATURES]; \\
        uint8_t inputs[NAME##_FEATURES]; \\
        int32_t outputs[NAME##_OUTPUTS]; \\
        uint16_t i; \\
        if (fread(raw, sizeof raw[0], NAME##_FEATURES, stdin) != NAME##_FEATURES) return 1; \\
        for (i = 0; i < NAME##_FEATURES; i++) inputs[i] = name##_quantize_feature(i, raw[i]); \\
        name##_forward(inputs, outputs); \\
        fwrite(outputs, sizeof outputs[0], NAME##_OUTPUTS, stdout); \\
        name##_predict(raw, outputs); \\
        fwrite(outputs, sizeof outputs[0], NAME##_OUTPUTS, stdout); \\
    } }
int main(void)
{
${steps.join('\n')}
    return 0;
}
`;
  writeFileSync(path.join(folder, 'batch.c'), source);
  return { input: Buffer.concat(input), expected: Buffer.concat(expected) };
}

/** Compiles `batch.c`; resolves to the program's file, rejects with the compiler's words. */
export async function compileBatch(
  folder: string,
  compiler: string,
  flags: readonly string[],
): Promise<string> {
  const program = path.join(
    folder,
    `batch-${compiler}${flags.join('')}`.replace(/[^A-Za-z0-9/-]/g, '_').slice(0, 200),
  );
  const language = compiler.endsWith('++') ? ['-x', 'c++'] : [];
  await run(compiler, ['-pipe', ...flags, ...language, path.join(folder, 'batch.c'), '-o', program], {
    maxBuffer: 1 << 26,
  });
  return program;
}

/** What a batch's program answers to these rows; rejects with the sanitiser's words. */
export function answers(program: string, input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, { encoding: 'buffer', maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr.toString().slice(0, 2000)}`));
      else resolve(stdout);
    });
    child.stdin!.on('error', () => undefined); // a program that dies early is reported by its exit
    child.stdin!.end(input);
  });
}

/** Compiles `batch.c` and runs it on `input`. */
export const runBatch = async (
  folder: string,
  compiler: string,
  flags: readonly string[],
  input: Buffer,
): Promise<Buffer> => answers(await compileBatch(folder, compiler, flags), input);
