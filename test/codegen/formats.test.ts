import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generateFirmware, type GenerateRequest } from '../../codegen/generate.js';
import { placeholderWarning, type ProjectFacts } from '../../codegen/project-facts.js';
import { AVR_CHIPS, flashImage, powerOn } from '../../harness/avr-chip.js';
import { ARDUINO_CORE } from '../../harness/toolchains.js';
import { allBoards, findBoard, type FormatName } from '../../model/board.js';
import { predict } from '../../model/infer.js';
import { modelFileText } from '../../model/model-file.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { WARNINGS } from '../support/host-batch.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** What the tools that read a project ask of it: Arduino, PlatformIO, ESP-IDF, CMake, Make. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODELS = { classes: tinyModel(), numbers: tinyRegression() };
const IDF_HEADERS = path.join(import.meta.dirname, '..', 'support', 'esp-idf');

function generate(
  model: QuantizedModel,
  board: string,
  format: FormatName,
  changes: Partial<GenerateRequest> = {},
): Record<string, string> {
  const { hash } = modelFileText(model);
  const request = { model, modelHash: hash, board: findBoard(board), format, name: null, folderName: 'tiny' };
  const { files } = generateFirmware({ ...request, constantTime: false, ...changes });
  return Object.fromEntries(files.map(({ path: name, content }) => [name, content]));
}

function write(name: string, files: Record<string, string>): string {
  const directory = path.join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), content);
  }
  return directory;
}

const problemCode = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { details: { code: string } }).details.code;
  }
  return 'none';
};

test('the model is the same, byte for byte, in every format of every board', () => {
  for (const board of allBoards()) {
    const codes = board.formats.map((format) => {
      const files = generate(tinyModel(), board.id, format);
      const texts = ['tiny.c', 'tiny.h'].map((file) => {
        const copies = Object.keys(files).filter((name) => path.posix.basename(name) === file);
        return [...new Set(copies.map((name) => files[name]))];
      });
      expect(texts.map(({ length }) => length)).toEqual([1, 1]);
      return texts;
    });
    for (const code of codes) expect(code).toEqual(codes[0]);
  }
});

describe('an Arduino library', () => {
  test.each(Object.entries(MODELS))('of %s keeps the rules of its index', (_, model) => {
    const project = {
      author: 'Ada Lovelace <ada@example.com>',
      url: 'https://example.com/tiny',
      version: '2.1.0',
    };
    const files = generate(model, 'uno', 'arduino-library', { project });
    const fields = Object.fromEntries(
      files['library.properties']
        .trim()
        .split('\n')
        .map((line) => [...line.split(/=(.*)/, 2)] as [string, string]),
    );
    expect(Object.keys(fields)).toEqual(
      'name version author maintainer sentence paragraph category url architectures includes'.split(' '),
    );
    expect(fields).toMatchObject({
      name: 'tiny',
      version: '2.1.0',
      category: 'Data Processing',
      architectures: '*',
    });
    expect(fields).toMatchObject({ author: project.author, maintainer: project.author, url: project.url });
    for (const text of [fields.sentence, fields.paragraph]) expect(text).toMatch(/^[A-Z].*\.$/);
    expect(fields.paragraph).not.toContain(fields.sentence);
    expect(files[`src/${fields.name}.h`]).toBeDefined();
    expect(fields.includes).toBe('tiny.h');
    for (const needed of ['README.md', 'LICENSE', 'keywords.txt']) expect(files[needed]).toBeDefined();
    for (const name of Object.keys(files))
      expect(name).not.toMatch(/utility|\.development|\.exe$|^extras?\//i);
    const sketches = Object.keys(files).filter((name) => name.endsWith('.ino'));
    expect(sketches.sort()).toEqual(
      ['Predict', 'Sensor', 'Verify'].map((name) => `examples/${name}/${name}.ino`),
    );
    for (const line of files['keywords.txt'].trim().split('\n').slice(1))
      expect(line).toMatch(/^[A-Za-z0-9_]+\t(KEYWORD[12]|LITERAL1)$/);
    const words = files['keywords.txt'].match(/^\w+/gm)!;
    for (const word of words) expect(files['src/tiny.h'], word).toMatch(new RegExp(`\\b${word}\\b`));
  });

  test('whose user says nothing of it has a name, an address and a version that the index takes', () => {
    const longest = 'a'.repeat(24);
    const files = generate(tinyModel(), 'uno', 'arduino-library', { name: longest });
    expect(files['library.properties']).toMatch(/^name=a{24}\nversion=1\.0\.0\n/); // 32 at most
    expect(files['library.properties']).toMatch(/^url=https:\/\/example\.com$/m);
    expect(problemCode(() => generate(tinyModel(), 'uno', 'arduino-library', { name: `${longest}a` }))).toBe(
      'illegal-name',
    );
  });

  test.each([
    ['arduino_net', 'illegal-library-name', 'none'],
    ['my_library', 'illegal-library-name', 'none'],
    ['stdio', 'illegal-library-name', 'illegal-library-name'],
    ['time', 'illegal-library-name', 'illegal-library-name'],
    ['Wire', 'illegal-library-name', 'illegal-library-name'],
    ['wifi', 'illegal-library-name', 'illegal-library-name'],
    ['esp_err', 'illegal-library-name', 'illegal-library-name'],
    ['iris', 'none', 'none'],
  ])('may be called %s: %s, in plain C: %s', (name, code, inC) => {
    for (const format of ['arduino-library', 'platformio'] as const)
      expect(problemCode(() => generate(tinyModel(), 'uno', format, { name }))).toBe(code);
    expect(problemCode(() => generate(tinyModel(), 'uno', 'c', { name }))).toBe(inC);
    // A sketch includes its model from src/.
    expect(problemCode(() => generate(tinyModel(), 'uno', 'sketch', { name }))).toBe('none');
  });

  test.each([
    [{ version: '1.0' }, 'illegal-version'],
    [{ version: '1.0.0\nurl=x' }, 'illegal-version'],
    [{ url: 'example.com' }, 'illegal-url'],
    [{ url: 'https://example.com/ "x"' }, 'illegal-url'],
    [{ author: '' }, 'illegal-author'],
    [{ author: 'a\nname=b' }, 'illegal-author'],
    [{ author: 'Arduino' }, 'illegal-author'],
    [{ author: 'Ada "the first" O\'Neill: #1' }, 'none'],
  ])('%j: %s', (project, code) => {
    expect(problemCode(() => generate(tinyModel(), 'uno', 'arduino-library', { project }))).toBe(code);
  });

  test.each([
    ['uno', 'atmega328p', 'standard'],
    ['mega', 'atmega2560', 'mega'],
  ])('has examples that compile with the Arduino core of the %s', (board, mcu, variant) => {
    for (const [kind, model] of Object.entries(MODELS)) {
      const directory = write(`library-${board}-${kind}`, generate(model, board, 'arduino-library'));
      const core = [`cores/arduino`, `variants/${variant}`].flatMap((name) => [
        '-I',
        path.join(ARDUINO_CORE, name),
      ]);
      const cpu = [`-mmcu=${mcu}`, '-DF_CPU=16000000L', '-DARDUINO=10819', '-DARDUINO_ARCH_AVR'];
      const warnings = ['-Wall', '-Wextra', '-Werror', '-DDECIMAL_DIG=__DECIMAL_DIG__'];
      const sources = ['Predict', 'Sensor', 'Verify'].map((name) => `examples/${name}/${name}.ino`);
      const flags = [
        ...cpu,
        ...core,
        ...warnings,
        '-Isrc',
        '-Os',
        '-std=gnu++11',
        '-fsyntax-only',
        '-x',
        'c++',
      ];
      execFileSync('avr-gcc', [...flags, ...sources], { cwd: directory, stdio: 'pipe' });
    }
  });
});

/** As Arduino does: a sketch's folder is copied elsewhere, and its root and `src/` are compiled, not what lies beside or above. */
test.each(Object.entries(MODELS))(
  'the examples of a sketch of %s are sketches that need nothing else',
  (kind, model) => {
    const files = generate(model, 'uno', 'sketch');
    for (const name of ['Predict', 'Sensor']) {
      const start = `examples/${name}/`;
      const own = Object.entries(files).filter(([file]) => file.startsWith(start));
      const directory = write(
        `sketch-${kind}-${name}`,
        Object.fromEntries(own.map(([file, text]) => [file.slice(start.length), text])),
      );
      const core = ['cores/arduino', 'variants/standard'].flatMap((part) => [
        '-I',
        path.join(ARDUINO_CORE, part),
      ]);
      const cpu = ['-mmcu=atmega328p', '-DF_CPU=16000000L', '-DARDUINO=10819', '-DARDUINO_ARCH_AVR'];
      const strict = [
        '-Os',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-DDECIMAL_DIG=__DECIMAL_DIG__',
        ...cpu,
        ...core,
        '-c',
      ];
      const compile = (...args: string[]): unknown =>
        execFileSync('avr-gcc', [...strict, ...args], { cwd: directory, stdio: 'pipe' });
      compile('-std=gnu++11', '-x', 'c++', `${name}.ino`, '-o', 'sketch.o');
      compile('-std=gnu11', 'src/tiny.c', '-o', 'model.o');
      execFileSync('avr-gcc', ['-mmcu=atmega328p', '-r', 'sketch.o', 'model.o', '-o', 'both.o'], {
        cwd: directory,
      });
      const missing = execFileSync('avr-nm', ['-u', 'both.o'], { cwd: directory, encoding: 'utf8' });
      expect(missing).not.toMatch(/tiny_/);
    }
  },
);

describe('what nobody should publish', () => {
  const AUTHOR = 'author Neurona';
  const URL = 'url https://example.com';

  test.each<[FormatName, Partial<ProjectFacts>, string | null]>([
    [
      'arduino-library',
      {},
      `library.properties has placeholders: ${AUTHOR}, ${URL}; … --author NAME --url URL`,
    ],
    ['arduino-library', { author: 'Ada' }, `library.properties has placeholders: ${URL}; … --url URL`],
    ['platformio', { url: 'https://ada.dev' }, `library.json has placeholders: ${AUTHOR}; … --author NAME`],
    ['esp-idf', {}, `idf_component.yml has placeholders: ${AUTHOR}, ${URL}; … --author NAME --url URL`],
    ['arduino-library', { author: 'Ada', url: 'https://ada.dev' }, null],
    ['sketch', {}, null],
    ['c', {}, null],
  ])('%s of %j: %s', (format, project, warning) => {
    const said = placeholderWarning(format, project);
    expect(said?.replace('before you publish it, generate with', '…') ?? null).toBe(warning);
    // The placeholders that it names are those that are written, in the file that it names.
    const files = generate(tinyModel(), 'esp32-c3', format, { project });
    const written = Object.entries(files).filter(([, text]) => text.includes('https://example.com'));
    expect(written.map(([name]) => path.posix.basename(name))).toEqual(
      warning?.includes(URL) ? [warning.split(' ')[0]] : [],
    );
  });
});

describe('plain C', () => {
  test.each(Object.entries(MODELS))(
    'of %s builds with its Makefile, and its examples answer',
    (kind, model) => {
      const directory = write(`make-${kind}`, generate(model, 'host', 'c'));
      const strict = 'CFLAGS=-O1 -pedantic -Wall -Wextra -Werror -Wconversion -Wshadow -Wdouble-promotion';
      execFileSync('make', ['-s', strict], { cwd: directory, stdio: 'pipe' });
      const run = (name: string, input: string): string[] =>
        execFileSync(path.join(directory, 'build', name), { input, encoding: 'utf8' })
          .trim()
          .split('\n');
      const rows = [
        [511, 200],
        [0, -400],
        [1023, 800],
      ];
      const answers = rows.map((row) => {
        const { class: label, values } = predict(model, Int32Array.from(row));
        if (!model.targets) return model.classes[label];
        const { decimals } = model.targets;
        return [...values].map((value, n) => (value / 10 ** decimals[n]).toFixed(Math.max(0, decimals[n])));
      });
      expect(run('predict', '')).toEqual([answers[0]].flat());
      expect(run('sensor', rows.map(([light, heat]) => `${light} ${heat / 10}\n`).join(''))).toEqual(
        answers.flat(),
      );
    },
  );

  test.each(['sensor', 'predict', 'verify', 'tiny'])('called %s it is a CMake project of its own', (name) => {
    const directory = write(`alone-${name}`, generate(tinyModel(), 'host', 'c', { name }));
    execFileSync('cmake', ['-S', '.', '-B', 'build'], { cwd: directory, stdio: 'pipe' });
    execFileSync('cmake', ['--build', 'build'], { cwd: directory, stdio: 'pipe' });
    for (const program of ['predict', 'sensor', 'verify'])
      expect(existsSync(path.join(directory, 'build', program)), program).toBe(true);
  });

  test('two models are two libraries of one CMake project, in C and in C++', () => {
    const directory = path.join(folder, 'cmake');
    for (const name of ['left', 'right']) write(`cmake/${name}`, generate(tinyModel(), 'uno', 'c', { name }));
    const main = `#include "left.h"
#include "right.h"
int main(void) { const left_raw_t x[] = { 9, 9 }; const float f[] = { 9.0f, 0.9f }; int32_t a[LEFT_OUTPUTS], b[RIGHT_OUTPUTS];
  return left_predict(x, a) != right_predict_float(f, b) || a[0] != b[0] || a[1] != b[1]; }\n`;
    write('cmake', {
      'CMakeLists.txt': `cmake_minimum_required(VERSION 3.16)
project(both C CXX)
add_subdirectory(left)
add_subdirectory(right)
foreach(language c cpp)
  add_executable(\${language} main.\${language})
  target_link_libraries(\${language} PRIVATE left right)
endforeach()
`,
      'main.c': main,
      'main.cpp': main,
    });
    execFileSync('cmake', ['-S', '.', '-B', 'out'], { cwd: directory, stdio: 'pipe' });
    execFileSync('cmake', ['--build', 'out'], { cwd: directory, stdio: 'pipe' });
    for (const language of ['c', 'cpp']) execFileSync(path.join(directory, 'out', language));
  });
});

test('two libraries of different models link into one program, and both answer on an Uno', () => {
  const directory = path.join(folder, 'two');
  const both = { left: MODELS.classes, right: MODELS.numbers };
  for (const [name, model] of Object.entries(both))
    write(`two/${name}`, generate(model, 'uno', 'arduino-library', { name }));
  const row = Int32Array.of(700, -31);
  const { class: label, outputs } = predict(both.left, row);
  const { values } = predict(both.right, row);
  const compare = (name: string, expected: Int32Array): string =>
    [...expected].map((value, n) => `${name}[${n}] == ${value}l`).join(' && ');
  write('two', {
    'main.c': `#include <avr/io.h>
#include <left.h>
#include <right.h>
int main(void) {
  const left_raw_t x[] = { ${row.join()} }; const right_raw_t y[] = { ${row.join()} };
  int32_t a[LEFT_OUTPUTS]; int32_t b[RIGHT_OUTPUTS];
  const uint8_t label = left_predict(x, a);
  right_predict(y, b);
  UCSR0B = 1 << TXEN0;
  UDR0 = label == ${label} && ${compare('a', outputs)} && ${compare('b', values)} ? 'Y' : 'N';
  for (;;) { } }\n`,
  });
  const flags = ['-mmcu=atmega328p', '-Os', '-flto', '-Wall', '-Wextra', '-Werror'];
  const sources = ['main.c', 'left/src/left.c', 'right/src/right.c'];
  const run = (program: string, ...words: string[]): unknown =>
    execFileSync(program, words, { cwd: directory, stdio: 'pipe' });
  run('avr-gcc', ...flags, '-Ileft/src', '-Iright/src', ...sources, '-o', 'two.elf');
  run('avr-objcopy', '-O', 'ihex', 'two.elf', 'two.hex');
  const hex = readFileSync(path.join(directory, 'two.hex'), 'utf8');
  const chip = powerOn(flashImage(hex, AVR_CHIPS.atmega328p), 16e6, AVR_CHIPS.atmega328p);
  let answer = '';
  chip.usart.onByteTransmit = (byte) => (answer += String.fromCharCode(byte));
  chip.run(1e6, () => answer !== '');
  expect(answer).toBe('Y');
});

describe('PlatformIO', () => {
  const boards = allBoards().filter(({ platformio }) => platformio !== null);

  test.each(boards)('platformio.ini of $id names its platform and board', ({ id, platformio }) => {
    const ini = generate(tinyModel(), id, 'platformio')['platformio.ini'];
    expect(ini).toContain(
      `default_envs = ${id}\nworkspace_dir = build/pio\n\n[env:${id}]\nplatform = ${platformio!.platform}\nboard = ${platformio!.board}\n`,
    );
    expect(ini).toContain('framework = arduino\nmonitor_speed = 115200\ntest_framework = unity\n');
  });

  test.each([
    ['espressif32@6.9.0', 'none'],
    ['https://github.com/pioarduino/platform-espressif32/releases/download/stable/x.zip', 'none'],
    ['', 'illegal-platform'],
    ['  ', 'illegal-platform'],
    ['a\nupload_port = /dev/null', 'illegal-platform'],
  ])('its platform may be %j: %s', (platform, code) => {
    const make = () => generate(tinyModel(), 'esp32', 'platformio', { project: { platform } });
    expect(problemCode(make)).toBe(code);
    if (code === 'none')
      expect(make()['platformio.ini']).toContain(`[env:esp32]\nplatform = ${platform}\nboard = esp32dev\n`);
  });

  test('library.json keeps the limits, and names files that are there', () => {
    const project = { author: 'A "quoted" \\ name', url: 'https://example.com/a' };
    const files = generate(tinyModel(), 'uno', 'platformio', { project });
    const library = JSON.parse(files['lib/tiny/library.json']) as Record<string, unknown> & {
      description: string;
      examples: { base: string; files: string[] }[];
    };
    expect(library).toMatchObject({ name: 'tiny', version: '1.0.0', license: 'MIT', headers: 'tiny.h' });
    expect(library.authors).toEqual([{ name: project.author, maintainer: true }]);
    expect(library.description.length).toBeLessThanOrEqual(255);
    expect(library).toMatchObject({
      keywords: ['neural-network', 'perceptron', 'inference', 'tinyml'],
      repository: { type: 'git', url: project.url },
      homepage: project.url,
      frameworks: '*',
      platforms: '*',
      export: { include: ['src', 'examples', 'library.json', 'LICENSE'] },
      build: { srcDir: 'src', includeDir: 'src' },
    });
    for (const name of ['src/tiny.h', 'src/tiny.c', 'LICENSE'])
      expect(files[`lib/tiny/${name}`]).toBeDefined();
    for (const { base, files: names } of library.examples) {
      for (const name of names) expect(files[`lib/tiny/${base}/${name}`]).toBeDefined();
    }
  });
});

describe('ESP-IDF', () => {
  const boards = allBoards().filter(({ idfTarget }) => idfTarget !== null);

  test('a component is called as its folder is, which must leave ESP-IDF its own', () => {
    for (const format of ['esp-idf', 'platformio'] as const)
      expect(problemCode(() => generate(tinyModel(), 'esp32', format, { folderName: 'log' }))).toBe(
        format === 'esp-idf' ? 'illegal-component-name' : 'none',
      );
  });

  test.each(boards)('the component for $id says what the registry asks', ({ id, idfTarget }) => {
    const files = generate(tinyModel(), id, 'esp-idf');
    const manifest = files['idf_component.yml'];
    for (const key of [
      'version: "1.0.0"',
      'description: "',
      'url: "https',
      'repository: "',
      'license: "MIT"',
      '  idf: ">=5.1"',
    ])
      expect(manifest).toContain(`${key}`);
    expect(manifest).toContain('\nfiles:\n  exclude:\n');
    expect(files['CMakeLists.txt']).toContain(
      'idf_component_register(SRCS "src/tiny.c" INCLUDE_DIRS "include")',
    );
    for (const example of ['predict', 'sensor', 'verify'])
      for (const name of ['CMakeLists.txt', 'main/CMakeLists.txt', 'main/main.c'])
        expect(files[`examples/${example}/${name}`]).toBeDefined();
    // An example finds the component in the folder it lies in, and all else in its own.
    for (const example of ['predict', 'sensor', 'verify']) {
      const [, component] = /EXTRA_COMPONENT_DIRS "\$\{CMAKE_CURRENT_LIST_DIR\}\/(.*)"/.exec(
        files[`examples/${example}/CMakeLists.txt`],
      )!;
      expect(path.posix.join('examples', example, component)).toBe('.');
      for (const [, header] of files[`examples/${example}/main/main.c`].matchAll(/#include "(tiny\w*\.h)"/g))
        expect(files[`examples/${example}/main/${header}`] ?? files[`include/${header}`]).toBeDefined();
    }
    expect(manifest).toContain(`targets:\n  - ${idfTarget}\n`);
    for (const needed of ['README.md', 'CHANGELOG.md', 'LICENSE', 'include/tiny.h'])
      expect(files[needed]).toBeDefined();
    for (const [name, text] of Object.entries(files)) {
      for (const [, source] of name.endsWith('CMakeLists.txt') ? text.matchAll(/"([^"]+\.c)"/g) : [])
        expect(files[path.posix.join(path.posix.dirname(name), source)], `${name}: ${source}`).toBeDefined();
    }
  });

  test.each(['UART', 'USB_SERIAL_JTAG'])(
    'its programs compile against the headers of ESP-IDF, console on %s',
    (console_) => {
      for (const [kind, model] of Object.entries(MODELS)) {
        const directory = write(`idf-${kind}`, generate(model, 'esp32-c3', 'esp-idf'));
        const flags = ['-std=gnu17', ...WARNINGS, '-Wdouble-promotion', `-DCONFIG_ESP_CONSOLE_${console_}=1`];
        const sources = ['predict', 'sensor', 'verify'].map((name) => `examples/${name}/main/main.c`);
        execFileSync('gcc', [...flags, '-fsyntax-only', '-isystem', IDF_HEADERS, '-Iinclude', ...sources], {
          cwd: directory,
          stdio: 'pipe',
        });
      }
    },
  );
});

test('sketch.yaml names the board, its core and where that is found', () => {
  for (const board of allBoards().filter(({ fqbn }) => fqbn !== null)) {
    const text = generate(tinyModel(), board.id, 'sketch')['sketch.yaml'];
    const core = board.fqbn!.split(':').slice(0, 2).join(':');
    expect(text).toContain(`default_fqbn: ${board.fqbn}\n`);
    expect(text).toContain(`    platforms:\n      - platform: ${core} (${board.coreVersion})\n`);
    expect(text.includes('platform_index_url')).toBe(!core.startsWith('arduino:'));
  }
});
