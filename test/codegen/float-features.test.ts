import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateFirmware } from '../../codegen/generate.js';
import { clamp } from '../../model/arithmetic.js';
import { findBoard } from '../../model/board.js';
import { predict } from '../../model/infer.js';
import { modelFileText } from '../../model/model-file.js';
import { entryOf, RAW_TYPES } from '../../model/network.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { WARNINGS } from '../support/host-batch.js';
import { randomModel, randomRows } from '../support/random-model.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** The header's functions for floats: the same answers as raw integers, and a defined one for every float. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-floats-'));
afterAll(() => rmSync(folder, { recursive: true }));

function compile(models: readonly QuantizedModel[], body: string, compiler: readonly string[]): string {
  models.forEach((model, k) => {
    const { files } = generateFirmware({
      model,
      modelHash: modelFileText(model).hash,
      board: findBoard('host'),
      format: 'c',
      name: `m${k}`,
      folderName: 'floats',
      constantTime: false,
    });
    for (const file of files.filter(({ path: name }) => /^m\d+\.[ch]$/.test(name)))
      writeFileSync(path.join(folder, file.path), file.content);
  });
  const includes = models.map((_, k) => `#include "m${k}.c"\n`).join('');
  writeFileSync(
    path.join(folder, 'main.c'),
    `#include <stdio.h>\n${includes}int main(void)\n{\n${body}    return 0;\n}\n`,
  );
  const program = path.join(folder, 'floats');
  execFileSync(compiler[0], [...compiler.slice(1), path.join(folder, 'main.c'), '-o', program]);
  return program;
}

const COMPILERS = [
  [
    'gcc',
    '-std=c99',
    '-O2',
    '-fsanitize=undefined,float-cast-overflow',
    '-fno-sanitize-recover=all',
    ...WARNINGS,
  ],
  ['g++', '-x', 'c++', '-std=c++11', '-Os', ...WARNINGS.filter((flag) => flag !== '-Wstrict-prototypes')],
];

test.each(COMPILERS)('rows as floats get the answers of rows as integers: %s', (...compiler) => {
  const random = createRandom(31);
  const models = [tinyModel(), ...Array.from({ length: 12 }, () => randomModel(random, 3, 12))].filter(
    ({ targets }) => targets === null,
  );
  const rows = 8;
  const input: number[] = [];
  const expected: number[] = [];
  const steps = models.map((model, k) => {
    const { features, decimals, rawType } = model.input;
    const { lowest, highest } = RAW_TYPES[rawType];
    // Integers that a float holds with room for the rounding of a product; ends of the type come back as they are.
    const raw = randomRows(random, model, rows).map((value) =>
      value === lowest || value === highest ? value : clamp(value, -1_000_000, 1_000_000),
    );
    raw.forEach((value, i) => input.push(value / 10 ** entryOf(decimals, i % features.length)));
    for (let r = 0; r < rows; r++) {
      const found = predict(model, raw.subarray(r * features.length, (r + 1) * features.length));
      expected.push(found.class, ...found.outputs);
    }
    return `    for (int r = 0; r < ${rows}; r++) {
        float x[M${k}_FEATURES]; int32_t y[M${k}_OUTPUTS]; int i;
        if (fread(x, sizeof x[0], M${k}_FEATURES, stdin) != M${k}_FEATURES) return 1;
        printf("%d ", m${k}_predict_float(x, y));
        for (i = 0; i < M${k}_OUTPUTS; i++) printf("%ld ", (long)y[i]);
    }\n`;
  });
  const program = compile(models, steps.join(''), compiler);
  const answer = execFileSync(program, {
    input: Buffer.from(Float32Array.from(input).buffer),
    encoding: 'utf8',
  });
  expect(answer.trim().split(' ').map(Number)).toEqual(expected);
});

test('every float has a raw integer: halves go up, what is beyond the type is its end', () => {
  const floats =
    '-2.5f, -1.5f, -0.5f, -0.49f, 0.49f, 0.5f, 1.5f, 2.5f, 32766.6f, 1e30f, -1e30f, HUGE_VALF, -HUGE_VALF, NAN';
  const body = `    static const float x[] = { ${floats} };
    unsigned i;
    for (i = 0; i < sizeof x / sizeof x[0]; i++) printf("%d ", m0_raw_feature(0u, x[i]));
    printf("%d", m0_raw_feature(1u, 2.5f));\n`;
  const program = compile([tinyModel()], body, [
    'gcc',
    '-std=c99',
    '-include',
    'math.h',
    '-fsanitize=undefined,float-cast-overflow',
    '-fno-sanitize-recover=all',
  ]);
  const answer = execFileSync(program, { encoding: 'utf8' }).split(' ').map(Number);
  const ends = [32767, 32767, -32768, 32767, -32768, -32768];
  expect(answer).toEqual([-2, -1, 0, 0, 0, 1, 2, 3, ...ends, 25]);
});

test('a regression answers in the units of its targets', () => {
  const model = tinyRegression();
  const body = `    static const float x[] = { 512.0f, 21.5f };
    float y[M0_OUTPUTS];
    m0_predict_float(x, y);
    printf("%.3f %.3f", (double)y[0], (double)y[1]);\n`;
  const program = compile([model], body, ['gcc', '-std=c99', ...WARNINGS]);
  const { values } = predict(model, Int32Array.of(512, 215));
  expect(execFileSync(program, { encoding: 'utf8' })).toBe(
    `${(values[0] / 10).toFixed(3)} ${(values[1] * 100).toFixed(3)}`,
  );
});
