import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FORMAT_NAMES, type FormatName } from '../../model/board.js';
import { predict } from '../../model/infer.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** 40: two models in one program of each format, put together as its tools do, and run here. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-two-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODELS = { left: tinyModel(), right: tinyRegression() };
const NAMES = Object.keys(MODELS) as (keyof typeof MODELS)[];
const ROW = Int32Array.of(700, -31);

interface Way {
  /** Where the files of one model end up in the program's folder; ESP-IDF and PlatformIO make a library of each. */
  readonly sources: (name: string) => string;
  readonly includes: readonly string[];
  readonly header: (name: string) => string;
  readonly asLibraries: boolean;
}
const WAYS: Readonly<Record<FormatName, Way>> = {
  sketch: {
    sources: (name) => `src/${name}.c`,
    includes: [],
    header: (name) => `src/${name}.h`,
    asLibraries: false,
  },
  'arduino-library': {
    sources: (name) => `${name}/src/${name}.c`,
    includes: NAMES.map((name) => `${name}/src`),
    header: (name) => `${name}.h`,
    asLibraries: false,
  },
  platformio: {
    sources: (name) => `lib/${name}/src/${name}.c`,
    includes: NAMES.map((name) => `lib/${name}/src`),
    header: (name) => `${name}.h`,
    asLibraries: true,
  },
  'esp-idf': {
    sources: (name) => `${name}/src/${name}.c`,
    includes: NAMES.map((name) => `${name}/include`),
    header: (name) => `${name}.h`,
    asLibraries: true,
  },
  c: {
    sources: (name) => `${name}/${name}.c`,
    includes: [...NAMES],
    header: (name) => `${name}.h`,
    asLibraries: true,
  },
};

function program(header: Way['header']): string {
  const { class: label, outputs } = predict(MODELS.left, ROW);
  const { values } = predict(MODELS.right, ROW);
  const equal = (name: string, expected: Int32Array): string =>
    [...expected].map((value, n) => `${name}[${n}] == ${value}`).join(' && ');
  const include = NAMES.map((name) => `#include "${header(name)}"\n`).join('');
  return `/* Both headers, twice. */
${include}${include}
int main(void)
{
    const left_raw_t x[] = { ${ROW.join()} };
    const right_raw_t y[] = { ${ROW.join()} };
    int32_t a[LEFT_OUTPUTS];
    int32_t b[RIGHT_OUTPUTS];
    const uint8_t label = left_predict(x, a);
    right_predict(y, b);
    return label == ${label} && ${equal('a', outputs)} && ${equal('b', values)} ? 0 : 1;
}
`;
}

test.each(FORMAT_NAMES)('%s', (format) => {
  const { sources, includes, header, asLibraries } = WAYS[format];
  const board = 'esp32-c3';
  const cwd = path.join(folder, format);
  for (const name of NAMES) {
    const { directory } = makeFirmware(
      path.join(folder, 'made'),
      `${format}-${name}`,
      MODELS[name],
      board,
      format,
      name,
    );
    // Of a sketch and of a PlatformIO project it is the model that goes into another's.
    const [from, to] = { sketch: ['src', 'src'], platformio: [`lib/${name}`, `lib/${name}`] }[
      format as string
    ] ?? ['.', name];
    mkdirSync(path.join(cwd, to), { recursive: true });
    cpSync(path.join(directory, from), path.join(cwd, to), { recursive: true });
  }
  const run = (command: string, ...words: string[]): unknown =>
    execFileSync(command, words, { cwd, stdio: 'pipe' });
  const flags = [
    '-O1',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-pedantic',
    ...includes.flatMap((place) => ['-I', place]),
  ];
  const objects = NAMES.map((name) => {
    run('gcc', '-std=gnu11', ...flags, '-c', sources(name), '-o', `${name}.o`);
    if (!asLibraries) return `${name}.o`;
    run('ar', 'rcs', `lib${name}.a`, `${name}.o`);
    return `lib${name}.a`;
  });
  for (const [compiler, standard, file] of [
    ['gcc', '-std=c99', 'main.c'],
    ['g++', '-std=c++11', 'main.cpp'],
  ]) {
    writeFileSync(path.join(cwd, file), program(header));
    run(compiler, standard, ...flags, file, ...objects, '-o', 'program');
    expect(run(path.join(cwd, 'program'))).toBeDefined();
  }
});
