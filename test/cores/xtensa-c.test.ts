import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { benchModel, NETWORKS } from '../../bench/networks.js';
import { kernelNames } from '../../codegen/kernels.js';
import { findBoard } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import { referenceAnswers, runCoreBatch, writeCoreBatch } from '../support/core-batch.js';
import { WARNINGS } from '../support/host-batch.js';
import { randomModel, randomRows } from '../support/random-model.js';

/** The C for LX6 and LX7, of which no compiler is at hand, on their smaller relative. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-xtensa-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the C for an ESP32 computes on an lx106 what the reference computes', async () => {
  const random = createRandom(66);
  const board = findBoard('esp32');
  const models = [
    ...NETWORKS.slice(0, 4).map((network) => benchModel(network)),
    ...Array.from({ length: 16 }, () => randomModel(random, 4, 30)),
  ];
  const cases = models.map((model, k) => ({
    model,
    board: k % 3 === 0 ? { ...board, flashBytes: null } : board,
    constantTime: k % 2 === 0,
    raw: randomRows(random, model, 6),
  }));
  const kernels = writeCoreBatch(folder, cases);
  expect([...new Set(kernels)].sort()).toEqual(kernelNames('lx6').sort());
  const answers = await runCoreBatch('lx106', folder, cases, ['-std=c99', '-Os', ...WARNINGS]);
  expect(answers.map((rows) => rows.map(({ label, outputs }) => ({ label, outputs })))).toEqual(
    cases.map(referenceAnswers),
  );
});
