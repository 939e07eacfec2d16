import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { findBoard } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import {
  firstDifference,
  referenceAnswers,
  runCoreBatch,
  writeCoreBatch,
  type CoreCase,
} from '../support/core-batch.js';
import { CORE_BOARDS, CORE_NAMES } from '../support/core-program.js';
import { WARNINGS } from '../support/host-batch.js';
import { randomModel, randomRows } from '../support/random-model.js';

/** The kernels under every way of compiling them: no warning, no register or frame pointer lost. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-core-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = createRandom(5);
const narrow = [
  [4, 8, 3],
  [17, 23, 11, 12],
  [64, 65, 10],
].map((widths) => benchModel({ name: 'flags', widths, zeros: 0.3 }));
const models = [...narrow, ...narrow, ...Array.from({ length: 8 }, () => randomModel(random, 4, 20))];

/** Clang's way to these ends in assembly of one file: nothing is left to optimise when programs are linked. */
const WITHOUT_LTO: readonly string[] = ['lx6', 'lx7'];

describe.each(CORE_NAMES)('%s', (core) => {
  const place = path.join(folder, core);
  const board = findBoard(CORE_BOARDS[core]);
  const cases: CoreCase[] = models.map((model, k) => {
    return { model, board, constantTime: k < narrow.length, raw: randomRows(random, model, 4) };
  });
  const expected = cases.map(referenceAnswers);
  beforeAll(() => void writeCoreBatch(place, cases));

  const ways = [
    ['-O0', '-std=c99'],
    ['-O1', '-std=gnu99', '-fno-omit-frame-pointer'],
    ['-O2', '-std=gnu11', '-funsigned-char'],
    ['-O3', '-std=c99', '-fsigned-char', '-ffast-math'],
    ['-O2', '-x', 'c++', '-std=c++11'],
    ['-Os', ...(WITHOUT_LTO.includes(core) ? [] : ['-flto']), '-std=gnu11'],
  ].map((flags) => ({ way: flags.join(' '), flags }));

  test.each(ways)('$way', async ({ flags }) => {
    const cpp = flags.includes('c++');
    const warnings = WARNINGS.filter((flag) => !cpp || flag !== '-Wstrict-prototypes');
    const answers = await runCoreBatch(core, place, cases, [...flags, ...warnings]);
    expect(firstDifference(answers, expected)).toBeNull();
  });
});
