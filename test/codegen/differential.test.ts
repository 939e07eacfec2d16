import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../model/random.js';
import { randomModel, randomRows } from '../support/random-model.js';
import { runBatch, WARNINGS, writeBatch, type BatchCase } from '../support/host-batch.js';

/** Host C against the integer reference: every model × every compiler setting, every byte of every answer. */

const MODELS = Number(process.env.M ?? 1000);
const BATCH = 50;
const ROWS = 16;

const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const SETTINGS: readonly (readonly [string, readonly string[]])[] = [
  ['gcc', ['-std=c99', '-O0']],
  ['gcc', ['-std=c99', '-O2', '-funsigned-char']],
  ['gcc', ['-std=c99', '-O3', '-ffast-math']],
  ['clang', ['-std=c99', '-O0', '-funsigned-char']],
  ['clang', ['-std=c99', '-O2']],
  ['clang', ['-std=c99', '-O3', '-flto']],
  ['gcc', ['-std=c99', '-O1', ...SANITIZERS]],
  ['clang', ['-std=c99', '-O1', ...SANITIZERS]],
  ['g++', ['-std=c++11', '-O2']],
];

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-differential-'));
const batches: { folder: string; input: Buffer; expected: Buffer }[] = [];

beforeAll(() => {
  const random = createRandom(20260101);
  for (let b = 0; b * BATCH < MODELS; b++) {
    const cases: BatchCase[] = Array.from({ length: BATCH }, () => {
      const model = randomModel(random);
      return { model, raw: randomRows(random, model, ROWS) };
    });
    const batchFolder = path.join(folder, `batch${b}`);
    batches.push({ folder: batchFolder, ...writeBatch(batchFolder, cases) });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(SETTINGS)(
  '%s %j computes what the integer reference computes',
  { timeout: 300_000 },
  async (compiler, flags) => {
    const warnings =
      compiler === 'g++' ? WARNINGS.filter((flag) => flag !== '-Wstrict-prototypes') : WARNINGS;
    for (const batch of batches) {
      const got = await runBatch(batch.folder, compiler, [...flags, ...warnings], batch.input);
      expect(got.equals(batch.expected)).toBe(true);
    }
  },
);
