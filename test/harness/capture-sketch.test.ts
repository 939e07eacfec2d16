import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AVR_CHIPS } from '../../harness/avr-chip.js';
import { buildFirmware } from '../../harness/build.js';
import { capture } from '../../harness/capture.js';
import { closePort, openPort } from '../../harness/port.js';
import { simulatedAvr } from '../../harness/simulator.js';
import { artifactText } from '../../model/artifact.js';
import { captureSketch, SENSOR_NAMES } from '../../codegen/capture-sketch.js';
import { runFailing, runJson } from '../cli/run-cli.js';

/** Capture sketches, built with the Arduino core; one of them on the simulated Uno. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-sketch-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what the capture sketch prints is recorded without a loss', async () => {
  const directory = path.join(folder, 'capture');
  mkdirSync(directory);
  const file = 'capture.ino';
  // The simulator has no converter, at whose end analogRead would wait.
  const sketch = captureSketch('analog');
  writeFileSync(path.join(directory, file), sketch.replaceAll(/analogRead\(A(\d)\)/g, '(long)count - $1'));
  const manifest = {
    tool: 'test',
    command: 'test',
    board: 'uno',
    format: 'sketch',
    name: 'capture',
    modelHash: '0'.repeat(64),
    files: { [file]: '0'.repeat(64) },
  };
  writeFileSync(path.join(directory, 'neurona.json'), artifactText('firmware', manifest).text);
  const { hex, warnings } = await buildFirmware(directory, { toolchain: 'arduino-core' });
  expect(warnings).toEqual([]);
  const { binding } = simulatedAvr(readFileSync(hex!, 'utf8'), 16_000_000, AVR_CHIPS.atmega328p);
  const port = await openPort(binding, 'simulator', 115_200);
  const data = path.join(folder, 'data.csv');
  try {
    const options = {
      file: data,
      label: 'resting',
      rows: 30,
      milliseconds: null,
      patience: 60_000,
      onRows() {},
    };
    expect(await capture(port, options)).toMatchObject({ rows: 30, dropped: 0, columns: ['x', 'y', 'z'] });
  } finally {
    await closePort(port);
  }
  const [header, row] = readFileSync(data, 'utf8').split('\n');
  expect([header, row]).toEqual(['x,y,z,label', '1,0,-1,resting']); // the first line may have lost its beginning
}, 120_000);

test('the sketch of every sensor compiles without a warning', () => {
  const avr = '/usr/share/arduino/hardware/arduino/avr';
  const folders = ['cores/arduino', 'variants/standard', 'libraries/Wire/src'];
  // All in one compilation: each in a namespace of its own, behind the headers that they share.
  const sketches = SENSOR_NAMES.map(
    (name) =>
      `namespace ${name} {\n${captureSketch(name).replaceAll(/^#include.*$/gm, '')}\n}\n#undef VALUES\n#undef MICROSECONDS_PER_READING`,
  );
  const source = `#include <Arduino.h>\n#include <stdio.h>\n#include <Wire.h>\n${sketches.join('\n')}\n`;
  const flags = [
    '-mmcu=atmega328p',
    '-DF_CPU=16000000L',
    '-DARDUINO=10819',
    '-std=gnu++11',
    '-Os',
    '-x',
    'c++',
    '-',
  ];
  const includes = folders.map((name) => `-I${avr}/${name}`);
  execFileSync('avr-g++', ['-fsyntax-only', '-Wall', '-Wextra', '-Werror', ...includes, ...flags], {
    input: source,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
});

test('capture --sketch writes a folder that the Arduino IDE opens, and replaces nothing', async () => {
  const words = ['capture', '--sketch', 'distance', '-o', 'far'];
  const { code, object } = await runJson(words, folder);
  expect(code).toBe(0);
  expect(object).toMatchObject({ sketch: path.join('far', 'far.ino'), columns: ['millimetres'] });
  expect(readFileSync(path.join(folder, 'far', 'far.ino'), 'utf8')).toBe(captureSketch('distance'));
  expect((await runFailing(words, folder)).error.code).toBe('file-exists');
});
