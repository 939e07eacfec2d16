import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyFirmware } from '../../harness/verify.js';
import { createRandom } from '../../model/random.js';
import { makeFirmware } from '../support/firmware.js';
import { randomModel, randomRows } from '../support/random-model.js';

/** Random models as real sketches on the simulated ATmega328P: every class and every raw output over the serial line. */

const MODELS = 60;
const ROWS = 8;
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-uno-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = createRandom(328);
const cases = Array.from({ length: MODELS }, (_, k) => {
  const model = randomModel(random, 6, 40);
  return {
    name: `model${k}`,
    model,
    raw: randomRows(random, model, ROWS),
    toolchain: k % 10 === 0 ? ('arduino-core' as const) : ('avr-gcc' as const),
  };
});

describe.concurrent('a simulated Uno computes what the integer reference computes', () => {
  test.each(cases)('$name, $toolchain', { timeout: 120_000 }, async ({ name, model, raw, toolchain }) => {
    const { directory, hash } = makeFirmware(folder, name, model, 'uno', 'sketch');
    const result = await verifyFirmware(directory, 'simulator', model, hash, raw, null, { toolchain });
    expect(result).toMatchObject({
      rows: ROWS,
      mismatches: 0,
      firstMismatches: [],
      stoppedBy: null,
      retries: 0,
    });
    expect(result.cycles!.min).toBeGreaterThan(0);
  });
});
