import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { renderLink, writeStub, type StubShape } from './fixtures/stub-firmware.js';

const STRICT = ['-pedantic', '-Wall', '-Wextra', '-Werror', '-Wconversion', '-Wsign-conversion', '-Wshadow'];
const C = ['-std=c99', ...STRICT];
const CPP = ['-x', 'c++', '-std=c++11', ...STRICT];

const COMPILERS: [string, string[]][] = [
  ['gcc', C],
  ['clang', C],
  ['g++', CPP],
  ['clang++', CPP],
  ['avr-gcc', [...C, '-mmcu=atmega328p']],
  ['avr-gcc', [...CPP, '-mmcu=atmega328p']],
];

const SHAPES: StubShape[] = [
  { features: 1, outputs: 1, rawType: 'uint8' },
  { features: 784, outputs: 10, rawType: 'uint8' },
  { features: 4, outputs: 3, rawType: 'int16' },
  { features: 70, outputs: 30, rawType: 'int32' },
];

test.each(COMPILERS)('the link compiles without a warning: %s %j', (compiler, flags) => {
  for (const shape of SHAPES) {
    const { directory } = writeStub('host', shape);
    const sources = compiler === 'avr-gcc' ? ['stub_link.c'] : ['stub_link.c', 'main.c'];
    for (const source of sources) {
      const file = path.join('verify', source);
      const compile = ['-I.', '-O2', ...flags, '-c', file, '-o', `${source}.o`];
      expect(() => execFileSync(compiler, compile, { cwd: directory, stdio: 'pipe' })).not.toThrow();
    }
  }
});

test('the sketch compiles as C++11 without a warning', () => {
  for (const shape of SHAPES) {
    const { directory } = writeStub('uno', shape);
    const flags = [
      '-mmcu=atmega328p',
      '-DF_CPU=16000000UL',
      '-Os',
      '-x',
      'c++',
      '-std=gnu++11',
      '-Wall',
      '-Wextra',
      '-Werror',
    ];
    const compile = [...flags, '-c', 'stub.ino', '-o', 'stub.o'];
    expect(() => execFileSync('avr-gcc', compile, { cwd: directory, stdio: 'pipe' })).not.toThrow();
  }
});

test('every template leaves no mark of the template language', () => {
  for (const template of ['link.h', 'link.c', 'sketch.ino', 'host_main.c']) {
    expect(renderLink(template)).not.toMatch(/\{\{|undefined|NaN/);
  }
});
