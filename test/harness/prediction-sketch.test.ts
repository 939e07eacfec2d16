import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parsePrediction } from '../../harness/prediction-line.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** What the example Predict prints is what `neurona monitor` reads: run on this computer, over a Serial that prints. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-predict-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ARDUINO_H = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
static struct {
    void begin(long) {}
    void print(const char *text) { printf("%s", text); }
    void print(char letter) { putchar(letter); }
    void print(long number) { printf("%ld", number); }
    void print(double number, int places) { printf("%.*f", places, number); }
    void println() { putchar('\\n'); }
} Serial;
static inline void delay(long) { exit(0); }
`;

test.each([
  ['classes', tinyModel()],
  ['numbers', tinyRegression()],
] as const)('the lines of Predict: %s', (name, model) => {
  const { directory } = makeFirmware(folder, name, model, 'uno', 'arduino-library', 'tiny');
  const stub = path.join(directory, 'stub');
  mkdirSync(stub);
  writeFileSync(path.join(stub, 'Arduino.h'), ARDUINO_H);
  writeFileSync(
    path.join(stub, 'main.cpp'),
    '#include "../examples/Predict/Predict.ino"\n#include "../src/tiny.c"\nint main() { setup(); loop(); }\n',
  );
  const program = path.join(directory, 'program');
  execFileSync('g++', [
    '-I',
    stub,
    '-I',
    path.join(directory, 'src'),
    '-o',
    program,
    path.join(stub, 'main.cpp'),
  ]);
  const prediction = parsePrediction(execFileSync(program).toString());
  const { classes, targets } = model;
  expect(prediction?.scores).toHaveLength(targets?.names.length ?? classes.length);
  if (targets) expect(prediction?.class).toBeNull();
  else expect(classes[prediction!.scores.indexOf(Math.max(...prediction!.scores))]).toBe(prediction?.class);
});
