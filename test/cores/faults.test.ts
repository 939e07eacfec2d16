import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { findBoard } from '../../model/board.js';
import {
  AVR_BOARDS,
  compileAvrBatch,
  runInAvr8js,
  runInQemu,
  writeAvrBatch,
  type AvrBoard,
} from '../support/avr-batch.js';
import { firstDifference, referenceAnswers, runCoreBatch, writeCoreBatch } from '../support/core-batch.js';
import { compileForCore, CORE_BOARDS, CORE_NAMES, CORE_TARGETS } from '../support/core-program.js';
import { makeFirmware } from '../support/firmware.js';
import { EXTREMES } from '../support/one-neuron.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** Faults that code generation survives on every family of boards, not on this computer alone. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-core-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));

const casesFor = (id: string) =>
  EXTREMES.map((one) => ({ ...one, board: findBoard(id), constantTime: false }));

describe('37: the ends of 32 bits, a 1×1 network and a single class compute the right thing', () => {
  test.each(CORE_NAMES)('on %s', async (core) => {
    const cases = casesFor(CORE_BOARDS[core]);
    const place = path.join(folder, core);
    writeCoreBatch(place, cases);
    const answers = await runCoreBatch(core, place, cases, ['-Os']);
    expect(firstDifference(answers, cases.map(referenceAnswers))).toBeNull();
  });

  test.each(Object.keys(AVR_BOARDS) as AvrBoard[])('on the %s', async (id) => {
    const place = path.join(folder, id);
    const dialogue = writeAvrBatch(place, casesFor(id)).dialogue(0);
    await compileAvrBatch(place, id);
    expect((await runInAvr8js(place, id, dialogue)).equals(dialogue.expected)).toBe(true);
    expect((await runInQemu(place, id, dialogue)).equals(dialogue.expected)).toBe(true);
  });
});

describe('40: three models in one program, each header included twice, link', () => {
  const models = {
    left: tinyModel(),
    right: tinyRegression(),
    deep: benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3 }, 4),
  };
  const names = Object.keys(models);
  const strict = ['-std=c99', '-Os', '-Wall', '-Wextra', '-Werror', '-ffreestanding'];

  test.each(['avr', ...CORE_NAMES] as const)('for %s', async (core) => {
    const { tools, flags, board } =
      core === 'avr'
        ? { tools: 'avr-', flags: ['-mmcu=atmega328p'], board: 'uno' }
        : { ...CORE_TARGETS[core], board: CORE_BOARDS[core] };
    for (const [name, model] of Object.entries(models))
      makeFirmware(folder, `${core}-${name}`, model, board, 'c', name);
    const headers = names.map((name) => `#include "../${core}-${name}/${name}.h"\n`).join('');
    const calls = names.map((name) => `    ${name}_predict(${name}_row, outputs);\n`).join('');
    const rows = names
      .map((name) => `static ${name}_raw_t ${name}_row[${name.toUpperCase()}_FEATURES];\n`)
      .join('');
    const cwd = path.join(folder, `${core}-left`);
    writeFileSync(
      path.join(cwd, 'main.c'),
      `${headers}${headers}static int32_t outputs[32];\n${rows}int main(void)\n{\n${calls}    return (int)outputs[0];\n}\n`,
    );
    const sources = ['main.c', ...names.map((name) => `../${core}-${name}/${name}.c`)];
    const objects = sources.map((_, k) => path.join(cwd, `${k}.o`));
    for (const [k, source] of sources.entries()) {
      const file = path.join(cwd, source);
      if (core === 'avr') execFileSync('avr-gcc', [...flags, ...strict, '-c', file, '-o', objects[k]]);
      else await compileForCore(core, file, objects[k], strict);
    }
    // A partial link finds what is there twice, whatever the board's own libraries and memory.
    const processor = flags.filter((flag) => /^-m/.test(flag));
    execFileSync(`${tools}gcc`, [...processor, '-nostdlib', '-r', ...objects, '-o', 'all.o'], { cwd });
    const missing = execFileSync(`${tools}nm`, ['-u', 'all.o'], { cwd, encoding: 'utf8' });
    expect(missing).not.toMatch(/left|right|deep/);
  });
});
