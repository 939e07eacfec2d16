import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { AVR_CHIPS, flashImage, powerOn } from '../../harness/avr-chip.js';
import { buildFirmware } from '../../harness/build.js';
import { ARDUINO_CORE } from '../../harness/toolchains.js';
import { findBoard } from '../../model/board.js';
import { predict } from '../../model/infer.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** The program by which the Arduino IDE 1.8 compiles: it finds libraries, turns sketches into C++ and warns of all it can. */

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-arduino-builder-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the package says of ctags, which finds the functions of a sketch. */
const BUILDER = '/usr/share/arduino-builder';
/** Unlike arduino-cli, the IDE's program knows no default for a menu of its boards. */
const BOARDS = {
  uno: 'arduino:avr:uno',
  mega: 'arduino:avr:mega:cpu=atmega2560',
  leonardo: 'arduino:avr:leonardo',
} as const;
const EXAMPLES = ['Predict', 'Sensor'].map((name) => `examples/${name}/${name}.ino`);
const isSimulated = (mcu: string | null): mcu is keyof typeof AVR_CHIPS =>
  mcu !== null && Object.hasOwn(AVR_CHIPS, mcu);
const ROW = Int32Array.of(700, -31);

const hardware = path.join(folder, 'hardware');
mkdirSync(path.join(hardware, 'arduino'), { recursive: true });
symlinkSync(ARDUINO_CORE, path.join(hardware, 'arduino', 'avr'));

interface Built {
  readonly hex: string;
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** Everything it said but of the core's own files. */
  readonly complaints: readonly string[];
}

async function compile(fqbn: string, sketch: string, libraries: string): Promise<Built> {
  const out = mkdtempSync(path.join(folder, 'out-'));
  const words = ['-compile', '-hardware', hardware, '-hardware', BUILDER, '-tools', BUILDER];
  words.push('-libraries', libraries, '-fqbn', fqbn, '-core-api-version', '10819', '-warnings', 'all');
  // Debian's core is newer than its avr-gcc 5.4, whose <float.h> keeps DECIMAL_DIG from C++.
  words.push('-prefs=compiler.cpp.extra_flags=-DDECIMAL_DIG=__DECIMAL_DIG__');
  words.push('-prefs=runtime.tools.avr-gcc.path=/usr', '-build-path', out, '-build-cache', folder, sketch);
  const { stdout, stderr } = await run('arduino-builder', words);
  const size = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1]);
  return {
    hex: path.join(out, `${path.basename(sketch)}.hex`),
    flashBytes: size(/uses (\d+) bytes .* storage/),
    ramBytes: size(/use (\d+) bytes .* memory/),
    complaints: `${stdout}\n${stderr}`
      .split('\n')
      .filter((line) => /warning|error|invalid|multiple|not valid|claims/i.test(line))
      .filter((line) => !line.includes('/cores/arduino/')),
  };
}

test.each(Object.entries(BOARDS))('%s: sketches, libraries and their examples', async (board, fqbn) => {
  const place = path.join(folder, board);
  const libraries = path.join(place, 'libraries');
  const models = { left: tinyModel(), right: tinyRegression() };
  const { directory } = makeFirmware(place, 'verifier', models.left, board, 'sketch');
  for (const [name, model] of Object.entries(models))
    makeFirmware(libraries, name, model, board, 'arduino-library');
  const { class: label, outputs } = predict(models.left, ROW);
  const { values } = predict(models.right, ROW);
  const equal = (name: string, expected: Int32Array): string =>
    [...expected].map((value, n) => `${name}[${n}] == ${value}L`).join(' && ');
  const both = path.join(place, 'both', 'both.ino');
  mkdirSync(path.dirname(both));
  writeFileSync(
    both,
    `#include <left.h>
#include <right.h>
void setup() { Serial.begin(115200); answer(); }
void loop() {}
void answer() {
  const left_raw_t x[] = { ${ROW.join()} };
  const right_raw_t y[] = { ${ROW.join()} };
  int32_t a[LEFT_OUTPUTS];
  int32_t b[RIGHT_OUTPUTS];
  const uint8_t label = left_predict(x, a);
  right_predict(y, b);
  Serial.print(label == ${label} && ${equal('a', outputs)} && ${equal('b', values)} ? 'Y' : 'N');
}
`,
  );

  const sketch = path.join(directory, 'verifier.ino');
  const examples = Object.keys(models).flatMap((name) =>
    [...EXAMPLES, 'examples/Verify/Verify.ino'].map((file) => path.join(libraries, name, file)),
  );
  const others = board === 'uno' ? [...EXAMPLES.map((name) => path.join(directory, name)), ...examples] : [];
  const built: Record<string, Built> = {};
  for (const file of [sketch, both, ...others]) {
    built[file] = await compile(fqbn, file, libraries);
    expect(built[file].complaints, file).toEqual([]);
  }

  const ours = await buildFirmware(directory, { toolchain: 'arduino-core' });
  const { flashBytes, ramBytes } = built[sketch];
  expect({ flashBytes, ramBytes }).toEqual({ flashBytes: ours.flashBytes, ramBytes: ours.ramBytes });
  const { mcu, clockHz } = findBoard(board);
  if (!isSimulated(mcu)) return;
  const hex = readFileSync(built[both].hex, 'utf8');
  const chip = powerOn(flashImage(hex, AVR_CHIPS[mcu]), clockHz!, AVR_CHIPS[mcu]);
  let answer = '';
  chip.usart.onByteTransmit = (byte) => (answer += String.fromCharCode(byte));
  chip.run(1_000_000, () => answer !== '');
  expect(answer).toBe('Y');
});
