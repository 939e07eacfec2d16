import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findBoard } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import { runBatch, writeBatch } from '../support/host-batch.js';
import { extremeRows, narrowModel } from '../support/narrow-model.js';

/**
 * Sums of which few bits count, as those that become activations by a power of two, in layers so small that compilers unroll
 * and vectorise them: LLVM up to 14 adds them up in 16 bits.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-vectorized-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODELS = 60;
const ROWS = 64;

test.each(['host', 'uno', 'esp32'])(
  'the C for %s adds them up whole',
  { timeout: 120_000 },
  async (board) => {
    const random = createRandom(5);
    const cases = Array.from({ length: MODELS }, () => {
      const model = narrowModel(random);
      return { model, raw: extremeRows(random, model, ROWS) };
    });
    const place = path.join(folder, board);
    const { input, expected } = writeBatch(place, cases, findBoard(board));
    for (const compiler of ['clang', 'gcc']) {
      for (const level of ['-O2', '-O3']) {
        const got = await runBatch(place, compiler, ['-std=c99', level], input);
        expect(got.equals(expected), `${compiler} ${level}`).toBe(true);
      }
    }
  },
);
