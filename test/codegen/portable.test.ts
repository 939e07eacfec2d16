import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BOARDS } from '../../bench/device-facts.js';
import { benchModel } from '../../bench/networks.js';
import { findBoard } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import { SANITIZERS } from '../support/differential.js';
import { runBatch, WARNINGS, writeBatch } from '../support/host-batch.js';
import { randomModel, randomRows } from '../support/random-model.js';

/** Code for one core still computes the same where the compiler is for another: its portable branches. */

const top = mkdtempSync(path.join(tmpdir(), 'neurona-portable-'));
afterAll(() => rmSync(top, { recursive: true }));

const boards = [...Object.values(BOARDS), 'esp32'];
/** A board of unknown flash spends none on speed, so that layers take other kernels. */
const modes = boards.flatMap((id) => [
  { id, spare: 'with spare flash', constantTime: false },
  { id, spare: 'without spare flash', constantTime: true },
]);

describe.each(modes)('code for $id $spare, constant time $constantTime', ({ id, spare, constantTime }) => {
  const folder = path.join(top, `${id}${constantTime ? '-constant' : ''}`);
  let input: Buffer;
  let expected: Buffer;

  beforeAll(() => {
    const random = createRandom(8);
    const narrow = [
      [1, 1],
      [4, 8, 3],
      [17, 23, 11, 12],
      [260, 34, 60, 2],
    ].flatMap((widths) =>
      ([8, 4, 2] as const).map((bits) => benchModel({ name: 'portable', widths, zeros: 0.3 }, bits)),
    );
    const models = [...narrow, ...Array.from({ length: 12 }, () => randomModel(random, 5, 40))];
    const cases = models.map((model) => ({ model, raw: randomRows(random, model, 16) }));
    const known = findBoard(id);
    const board = spare === 'with spare flash' ? known : { ...known, flashBytes: null };
    ({ input, expected } = writeBatch(folder, cases, board, constantTime));
  }, 60_000);

  test.each([
    ['gcc', ['-std=c99', '-O0', ...SANITIZERS]],
    ['g++', ['-std=c++11', '-O2']],
  ] as const)('%s %j', { timeout: 120_000 }, async (compiler, flags) => {
    const warnings = WARNINGS.filter((flag) => compiler === 'gcc' || flag !== '-Wstrict-prototypes');
    expect((await runBatch(folder, compiler, [...flags, ...warnings], input)).equals(expected)).toBe(true);
  });
});
