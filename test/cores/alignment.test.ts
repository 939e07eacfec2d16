import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomSamples } from '../../bench/cost-samples.js';
import { findBoard } from '../../model/board.js';
import { writeCoreBatch } from '../support/core-batch.js';
import { compileForCore, CORE_BOARDS, CORE_TARGETS, type CoreName } from '../support/core-program.js';

/**
 * What Xtensa asks of addresses, told by the objects themselves: L32R and L32I read words at multiples of four, CALL8 and CALLX8
 * enter functions at such (Xtensa Instruction Set Architecture Reference Manual); an ESP8266 reads no byte of its flash, so
 * that all constants are where its core loads them into RAM, and L32R alone reads beside the code.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-alignment-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Behind code that ends where no word begins, as another library's does in its SDK's scripts. */
const BEHIND_OTHERS = `SECTIONS {
  . = 0x42000020;
  .flash.text : { *(.text.odd) *(.literal .literal.*) *(.text .text.*) }
  . = 0x3c000020;
  .flash.rodata : { *(.rodata.odd) *(.rodata .rodata.*) }
  . = 0x3fc88000;
  .dram0.bss : { *(.data .data.* .bss .bss.*) }
}
`;
const ODD = `\t.section .text.odd,"ax",@progbits\n\t.byte 1,2,3\n\t.section .rodata.odd,"a",@progbits\n\t.byte 1\n\t.section .note.GNU-stack\n`;

const MODELS = randomSamples(12, 5);

interface Section {
  readonly name: string;
  readonly bytes: number;
  readonly flags: string;
  readonly alignment: number;
}

const read = (object: string, ...words: string[]): string =>
  execFileSync('xtensa-lx106-elf-readelf', [...words, '-W', object], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });

const sectionsOf = (object: string): Map<number, Section> =>
  new Map(
    Array.from(
      read(object, '-S').matchAll(
        /^ +\[ *(\d+)\] (\S+) +\S+ +[0-9a-f]{8} [0-9a-f]+ ([0-9a-f]+) +\S+ +([A-Z]*) +\d+ +\d+ +(\d+)$/gm,
      ),
      ([, index, name, bytes, flags, alignment]) => [
        Number(index),
        { name, bytes: parseInt(bytes, 16), flags, alignment: Number(alignment) },
      ],
    ),
  );

/** Functions and arrays, with where they lie in which section. */
const symbolsOf = (object: string) =>
  Array.from(
    read(object, '-s').matchAll(/^ +\d+: ([0-9a-f]{8}) +\d+ (FUNC|OBJECT) +\w+ +\w+ +(\d+) (\S+)$/gm),
    ([, value, kind, section, name]) => ({
      value: parseInt(value, 16),
      kind,
      section: Number(section),
      name,
    }),
  );

describe.each(['lx106', 'lx6', 'lx7'] as const satisfies readonly CoreName[])('%s', (core) => {
  const place = path.join(folder, core);
  const object = path.join(place, 'models.o');
  const source = path.join(place, 'models.c');
  beforeAll(async () => {
    const board = findBoard(CORE_BOARDS[core]);
    writeCoreBatch(
      place,
      MODELS.map((sample) => ({ ...sample, board })),
    );
    // Constants in sections of their own, as ESP-IDF has them.
    const flags = CORE_TARGETS[core].llvm ? [] : ['-mno-text-section-literals'];
    await compileForCore(core, source, object, ['-Os', '-ffunction-sections', '-fdata-sections', ...flags]);
  });

  test('constants for L32R lie in whole words of sections that are aligned to them', () => {
    const constants = [...sectionsOf(object).values()].filter(({ name }) => name.startsWith('.literal'));
    expect(constants.length).toBeGreaterThan(10);
    for (const { name, bytes, alignment } of constants) {
      expect(alignment % 4, name).toBe(0);
      expect(bytes % 4, name).toBe(0);
    }
    const targets = read(object, '-r').matchAll(/R_XTENSA_SLOT0_OP +[0-9a-f]+ +\.literal\S* \+ ([0-9a-f]+)/g);
    const offsets = Array.from(targets, ([, offset]) => parseInt(offset, 16) % 4);
    expect(offsets.length).toBeGreaterThan(30);
    expect(new Set(offsets)).toEqual(new Set([0]));
  });

  test('functions begin, and arrays of words lie, at multiples of four', () => {
    const sections = sectionsOf(object);
    const words = new Set(
      MODELS.flatMap((_, k) => {
        const text = readFileSync(path.join(place, `m${k}.c`), 'utf8');
        return Array.from(text.matchAll(/^static const u?int32_t (\w+)\[/gm), ([, name]) => name);
      }),
    );
    const strict = symbolsOf(object).filter(({ kind, name }) => kind === 'FUNC' || words.has(name));
    expect(strict.filter(({ kind }) => kind === 'OBJECT').length).toBeGreaterThan(10);
    for (const { value, section, name } of strict)
      expect([value % 4, sections.get(section)!.alignment % 4], name).toEqual([0, 0]);
  });

  test('nothing lies but where SDKs expect code, constants and variables', () => {
    const places = [...sectionsOf(object).values()].filter(
      ({ flags, bytes }) => flags.includes('A') && bytes > 0,
    );
    for (const { name } of places) expect(name).toMatch(/^\.(text|literal|rodata|data|bss)(\.|$)/);
  });

  test('behind code and constants of odd sizes it links', () => {
    const file = (name: string, text: string): string => {
      writeFileSync(path.join(place, name), text);
      return path.join(place, name);
    };
    const odd = path.join(place, 'odd.o');
    execFileSync('xtensa-lx106-elf-as', [file('odd.s', ODD), '-o', odd]);
    const script = file('behind.ld', BEHIND_OTHERS);
    const missing = execFileSync('xtensa-lx106-elf-nm', ['-u', object], { encoding: 'utf8' });
    // The compiler's own functions; where they are is no matter.
    const others = Array.from(missing.matchAll(/U (\S+)/g), ([, name]) => `--defsym=${name}=0x42000020`);
    const words = ['-T', script, '--no-relax', ...others, odd, object];
    execFileSync('xtensa-lx106-elf-ld', [...words, '-e', '0', '-o', path.join(place, 'behind.elf')], {
      stdio: 'pipe',
    });
  });
});
