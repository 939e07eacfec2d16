import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../model/random.js';
import { runBatch, WARNINGS, writeBatch, type BatchCase } from './host-batch.js';
import { randomModel, randomRows } from './random-model.js';

export const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

const MODELS = 1000;
const BATCH = 50;
const ROWS = 16;

/** Host C against the integer reference: every model × every compiler setting, every byte of every answer. */
export function testHostCode(
  settings: readonly (readonly [compiler: string, flags: readonly string[], models?: number])[],
): void {
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
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }), 120_000);

  const numbered = settings.map(([compiler, flags, models = MODELS]) => [models, compiler, flags] as const);
  const title = '%d random models compute what the integer reference computes: %s %j';
  test.each(numbered)(title, { timeout: 400_000 }, async (models, compiler, flags) => {
    const warnings =
      compiler === 'g++' ? WARNINGS.filter((flag) => flag !== '-Wstrict-prototypes') : WARNINGS;
    for (const batch of batches.slice(0, models / BATCH)) {
      const got = await runBatch(batch.folder, compiler, [...flags, ...warnings], batch.input);
      expect(got.equals(batch.expected)).toBe(true);
    }
  });
}
