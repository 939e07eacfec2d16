import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AVR_CHIPS, flashImage, powerOn } from '../../harness/avr-chip.js';
import { compileBare } from '../../harness/compile.js';
import { parsePrediction } from '../../harness/prediction-line.js';
import { findBoard } from '../../model/board.js';
import { predict } from '../../model/infer.js';
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

/** A board that took two seconds to start, and tells when it was asked for a reading. */
const CLOCK = `
#define A0 0
static unsigned long now = 2000;
static inline unsigned long millis() { return now; }
static inline int analogRead(int) { fprintf(stderr, "%lu\\n", now); return 0; }
`;

test('Sensor reads at its rate from the first reading on', () => {
  const { directory } = makeFirmware(folder, 'sensor', tinyModel(), 'uno', 'arduino-library', 'tiny');
  const stub = path.join(directory, 'stub');
  mkdirSync(stub);
  writeFileSync(path.join(stub, 'Arduino.h'), ARDUINO_H + CLOCK);
  writeFileSync(
    path.join(stub, 'main.cpp'),
    '#include "../examples/Sensor/Sensor.ino"\n#include "../src/tiny.c"\nint main() { setup(); for (; now < 2100; now++) loop(); }\n',
  );
  const program = path.join(directory, 'program');
  const headers = ['-I', stub, '-I', path.join(directory, 'src')];
  execFileSync('g++', [...headers, '-o', program, path.join(stub, 'main.cpp')]);
  const times = spawnSync(program, { encoding: 'utf8' }).stderr.trim().split('\n').map(Number);
  expect(times).toEqual([2010, 2020, 2030, 2040, 2050, 2060, 2070, 2080, 2090]);
});

test.each([
  ['classes', tinyModel()],
  ['numbers', tinyRegression()],
] as const)(
  "39: Predict, built with Arduino's core as C++11, says so on a simulated Uno: %s",
  async (name, model) => {
    const uno = findBoard('uno');
    const { directory } = makeFirmware(folder, `uno-${name}`, model, 'uno', 'sketch', 'tiny');
    const sketch = path.join(directory, 'examples', 'Predict');
    const out = path.join(sketch, 'build');
    mkdirSync(out);
    const sources = ['Predict.ino', path.join('src', 'tiny.c')];
    const { log, program } = await compileBare('arduino-core', sketch, {
      ...{ board: uno, name: 'Predict', sources, includes: [], out },
    });
    expect(log).not.toMatch(/warning:|error:/);
    const chip = powerOn(
      flashImage(readFileSync(program!.hex!, 'utf8'), AVR_CHIPS.atmega328p),
      uno.clockHz!,
      AVR_CHIPS.atmega328p,
    );
    let said = '';
    chip.usart.onByteTransmit = (byte) => (said += String.fromCharCode(byte));
    chip.run(1e7, () => said.endsWith('\n'));
    const row = Int32Array.from(
      model.input.features,
      (_, i) => model.input.low[i] + Math.floor(model.input.span[i] / 2),
    );
    const { class: label, outputs, values } = predict(model, row);
    const numbers = model.targets
      ? [...values].map((value, k) => value / 10 ** model.targets!.decimals[k])
      : [...outputs];
    const prediction = parsePrediction(said);
    expect(prediction?.class ?? null).toBe(model.targets ? null : model.classes[label]);
    expect(prediction?.scores).toEqual(numbers.map((number) => expect.closeTo(number, 5) as number));
  },
  60_000,
);
