import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generateFirmware, type GenerateRequest } from '../../codegen/generate.js';
import { packNibbles, packTernary } from '../../codegen/portable-kernels.js';
import { findBoard } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import type { Problem } from '../../model/problem.js';
import type { QuantizedLayer, QuantizedModel } from '../../model/quantized-model.js';
import { runBatch, WARNINGS, writeBatch } from '../support/host-batch.js';
import { EXTREMES } from '../support/one-neuron.js';
import { tinyModel } from '../support/tiny-model.js';

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-generate-'));
afterAll(() => rmSync(folder, { recursive: true }));

function request(model: QuantizedModel, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  const { hash } = modelFileText(model);
  return {
    model,
    modelHash: hash,
    board: findBoard('uno'),
    format: 'sketch',
    name: null,
    folderName: 'tiny',
    constantTime: false,
    ...changes,
  };
}

function denseLayer(inputs: number, outputs: number, isOutput: boolean): QuantizedLayer {
  return {
    inputs,
    outputs,
    inputMaximum: 127,
    weightBits: 8,
    weights: new Int8Array(inputs * outputs).fill(1),
    bias: new Int32Array(outputs),
    accumulatorBits: 24,
    requantization: isOutput
      ? null
      : { multiplier: new Int32Array(outputs).fill(256), shift: 16, maximum: 127 },
    table: null,
  };
}

function wideModel(features: number, hidden: number): QuantizedModel {
  const input = {
    features: Array.from({ length: features }, (_, i) => `p${i}`),
    rawType: 'uint8' as const,
    decimals: [0],
    low: Int32Array.of(0),
    span: Int32Array.of(255),
    multiplier: Int32Array.of(32640),
    maximum: 127,
  };
  return tinyModel({ input, layers: [denseLayer(features, hidden, false), denseLayer(hidden, 2, true)] });
}

describe('what does not fit is refused with need and have', () => {
  test.each([
    [
      'an array over 32,767 bytes',
      'mega',
      wideModel(784, 42),
      'object-too-large',
      /33138 bytes.*32767/,
      '--bits 4',
    ],
    [
      'constants beyond the flash',
      'uno',
      wideModel(770, 42),
      'flash-exceeded',
      /of flash; uno has 32256/,
      '--bits 4',
    ],
    [
      'constants that near reads do not reach',
      'mega',
      tinyModel({
        input: wideModel(100, 1).input,
        layers: [denseLayer(100, 310, false), denseLayer(310, 100, false), denseLayer(100, 2, true)],
      }),
      'near-flash-exceeded',
      /need \d{5} bytes; mega reads at most 63488 /,
      '--bits 4',
    ],
    ['buffers beyond the RAM', 'uno', wideModel(2100, 1), 'ram-exceeded', /of RAM; uno has 2048/, '--board'],
  ])('%s', (_, board, model, code, message, hint) => {
    try {
      generateFirmware(request(model, { board: findBoard(board) }));
      expect.unreachable();
    } catch (error) {
      expect((error as Problem).details).toMatchObject({ kind: 'fit', code });
      expect((error as Problem).message).toMatch(message);
      expect((error as Problem).details.hint).toContain(hint);
    }
    expect(
      generateFirmware(request(model, { board: findBoard('host'), format: 'c' })).files.length,
    ).toBeGreaterThan(3);
  });
});

test('34: the largest array that is generated is the largest that avr-gcc takes', () => {
  const target = path.join(folder, 'largest');
  mkdirSync(target);
  const array = (bytes: number): string => `char big[${bytes}] = { 1 };\n`;
  const compile = (name: string, flags: readonly string[] = []): unknown =>
    execFileSync('avr-gcc', ['-mmcu=atmega2560', ...flags, '-c', name, '-o', 'a.o'], {
      cwd: target,
      stdio: 'pipe',
    });
  const largest = (features: number): number | null => {
    try {
      const { files, constants } = generateFirmware(
        request(wideModel(features, 42), { board: findBoard('mega') }),
      );
      for (const file of files)
        if (/^src\/tiny\.[ch]$/.test(file.path))
          writeFileSync(path.join(target, path.basename(file.path)), file.content);
      return Math.max(...constants.map(({ bytes }) => bytes));
    } catch {
      return null;
    }
  };
  let features = 772;
  while (largest(features + 1) !== null) features++;
  const bytes = largest(features)!;
  expect(bytes).toBeLessThanOrEqual(32767);
  expect(bytes).toBeGreaterThan(32767 - 42);
  compile('tiny.c', ['-Os', '-std=c99', '-Wall', '-Wextra', '-Werror']);
  writeFileSync(path.join(target, 'big.c'), array(32767));
  compile('big.c');
  writeFileSync(path.join(target, 'big.c'), array(32768));
  expect(() => compile('big.c')).toThrow(/too large/);
});

test('a format the board does not take is a usage error', () => {
  expect(() => generateFirmware(request(tinyModel(), { board: findBoard('host') }))).toThrow(/it takes c/);
});

test('extreme biases, a 1×1 network and a single class compute the right thing', async () => {
  const target = path.join(folder, 'extremes');
  const { input, expected } = writeBatch(target, EXTREMES);
  for (const compiler of ['gcc', 'clang']) {
    const got = await runBatch(
      target,
      compiler,
      ['-std=c99', '-O2', '-fsanitize=undefined', '-fno-sanitize-recover', ...WARNINGS],
      input,
    );
    expect(got.equals(expected), compiler).toBe(true);
  }
});

test('ties go to the lowest class, in C as in the reference', async () => {
  const layer = { ...denseLayer(2, 4, true), weights: Int8Array.of(0, 0, 3, 1, 3, 1, 1, 3) };
  const model = tinyModel({ classes: ['a', 'b', 'c', 'd'], layers: [layer] });
  const target = path.join(folder, 'ties');
  const { input, expected } = writeBatch(target, [
    { model, raw: Int32Array.of(0, -400, 500, 500, 1023, 800, -9, 9) },
  ]);
  expect(expected[0]).toBe(0);
  expect((await runBatch(target, 'gcc', ['-std=c99'], input)).equals(expected)).toBe(true);
});

test('labels with quotes, backslashes, trigraphs and comment ends come out of the C as they went in', () => {
  const classes = [
    '"quoted"',
    'back\\slash',
    'line\nend',
    '??/tri',
    '*/ int x;',
    'ñandú 🙂',
    '%s%n',
    'q7',
    '',
  ];
  const layers = [denseLayer(2, classes.length, true)];
  const features = ['*/ #error x', 'a\\'];
  const { files } = generateFirmware(
    request(tinyModel({ classes, layers, input: { ...tinyModel().input, features } }), {
      board: findBoard('host'),
      format: 'c',
      name: 'odd',
    }),
  );
  const target = path.join(folder, 'labels');
  mkdirSync(target);
  for (const file of files)
    if (!file.path.includes('/')) writeFileSync(path.join(target, file.path), file.content);
  const main = `#include <stdio.h>
#include "odd.h"
#include "odd.h"
int main(void) { unsigned k; char name[ODD_NAME_SIZE];
  for (k = 0; k < ODD_CLASSES; k++) { odd_class_name((uint8_t)k, name); fputs(name, stdout); putchar(0); }
  odd_class_name(255, name); fputs(name, stdout); return 0; }\n`;
  writeFileSync(path.join(target, 'main.c'), main);
  for (const [compiler, ...standard] of [
    ['gcc', '-std=c99', '-trigraphs'],
    ['clang', '-std=c99'],
    ['g++', '-x', 'c++', '-std=c++11'],
  ]) {
    const program = path.join(target, 'labels');
    execFileSync(compiler, [
      ...standard,
      '-Wall',
      '-Wextra',
      '-Werror',
      '-pedantic',
      path.join(target, 'odd.c'),
      path.join(target, 'main.c'),
      '-o',
      program,
    ]);
    expect(execFileSync(program, { encoding: 'utf8' })).toBe(
      [...classes, classes[classes.length - 1]].join('\0'),
    );
  }
});

test('two models link into one program, as C and as C++', () => {
  const target = path.join(folder, 'two');
  mkdirSync(target);
  for (const name of ['left', 'right']) {
    const { files } = generateFirmware(request(tinyModel(), { board: findBoard('host'), format: 'c', name }));
    for (const file of files)
      if (!file.path.includes('/')) writeFileSync(path.join(target, file.path), file.content);
  }
  const main = `#include "left.h"
#include "right.h"
#include "left.h"
int main(void) { left_raw_t raw[LEFT_FEATURES] = {1, 2}; int32_t a[LEFT_OUTPUTS]; int32_t b[RIGHT_OUTPUTS];
  return left_predict(raw, a) != right_predict(raw, b); }\n`;
  writeFileSync(path.join(target, 'main.c'), main);
  const sources = ['left.c', 'right.c', 'main.c'].map((name) => path.join(target, name));
  for (const [compiler, ...flags] of [
    ['gcc', '-std=c99', '-flto', '-O2'],
    ['g++', '-x', 'c++', '-std=c++11'],
    ['clang', '-std=c99'],
  ]) {
    const program = path.join(target, 'two');
    execFileSync(compiler, [...flags, '-Wall', '-Wextra', '-Werror', ...sources, '-o', program]);
    execFileSync(program);
  }
});

const CROSS_COMPILERS = [
  ['avr-gcc', '-mmcu=atmega328p'],
  ['arm-none-eabi-gcc', '-mcpu=cortex-m0plus', '-mthumb', '-ffreestanding'],
  ['arm-none-eabi-gcc', '-mcpu=cortex-m4', '-mthumb', '-ffreestanding'],
  ['riscv64-unknown-elf-gcc', '-march=rv32imc', '-mabi=ilp32', '-ffreestanding'],
];

test.each(CROSS_COMPILERS)(
  '%s %s has no warnings at any optimisation, as C and as C++',
  (compiler, ...target) => {
    const work = path.join(folder, `${compiler}${target[0]}`);
    mkdirSync(work);
    const plain = wideModel(20, 7);
    const layers: QuantizedLayer[] = [
      {
        ...plain.layers[0],
        weightBits: 4,
        requantization: { multiplier: new Int32Array(7).fill(65535), shift: 8, maximum: 255 },
        table: new Uint8Array(256).fill(1),
      },
      { ...plain.layers[1], inputMaximum: 1, weightBits: 2, weights: plain.layers[1].weights.map(Math.sign) },
    ];
    for (const [name, model] of Object.entries({ plain, mixed: { ...plain, layers } })) {
      const { files } = generateFirmware(request(model, { name }));
      for (const file of files) {
        if (file.path.startsWith('src/'))
          writeFileSync(path.join(work, path.basename(file.path)), file.content);
      }
      // avr-libc's own pgm_read macros cast away const, so that warning is not asked for there.
      const warnings = WARNINGS.filter((flag) => compiler !== 'avr-gcc' || flag !== '-Wcast-qual');
      for (const optimisation of ['-O0', '-O1', '-O2', '-O3', '-Os']) {
        for (const [language, standard] of [
          ['c', 'c99'],
          ['c++', 'c++11'],
          ['c', 'gnu11'],
        ]) {
          const flags =
            language === 'c' ? warnings : warnings.filter((flag) => flag !== '-Wstrict-prototypes');
          const output = ['-c', path.join(work, `${name}.c`), '-o', path.join(work, 'net.o')];
          execFileSync(compiler, [
            ...target,
            optimisation,
            ...flags,
            '-x',
            language,
            `-std=${standard}`,
            ...output,
          ]);
        }
      }
    }
  },
);

test('4-bit weights: earlier weight in the low half, odd rows padded with a zero', () => {
  const layer = {
    ...denseLayer(3, 2, true),
    weightBits: 4 as const,
    weights: Int8Array.of(7, -7, 1, -1, 0, 5),
  };
  expect([...packNibbles(layer)]).toEqual([15 + 16 * 1, 9 + 16 * 8, 7 + 16 * 8, 13 + 16 * 8]);
});

test('ternary weights: four to a byte from the lowest bits up, each row starts a byte', () => {
  const layer = {
    ...denseLayer(5, 2, true),
    weightBits: 2 as const,
    weights: Int8Array.of(1, -1, 0, 1, -1, 0, 0, 0, -1, 1),
  };
  expect([...packTernary(layer)]).toEqual([2 + 4 * 0 + 16 * 1 + 64 * 2, 0, 1 + 4 * 1 + 16 * 1 + 64 * 0, 2]);
});
