import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { verifyFirmware } from '../../harness/verify.js';
import { createRandom } from '../../model/random.js';
import { makeFirmware } from '../support/firmware.js';
import { randomRows } from '../support/random-model.js';

/** What only a chip with more than 64 KB of flash can show. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-mega-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NEAR_LIMIT = 65536 - 2048;

test('constants up to where near reads end are read right', async () => {
  // In constant time most weights are constants, whatever flash there is.
  const model = benchModel({ name: 'far', widths: [525, 58, 500, 3], zeros: 0.3 });
  const { directory, hash, firmware } = makeFirmware(folder, 'near', model, 'mega', 'sketch', 'near', true);
  expect(firmware.constantBytes).toBeGreaterThan(NEAR_LIMIT - 1024);
  expect(firmware.constantBytes).toBeLessThanOrEqual(NEAR_LIMIT);
  const raw = randomRows(createRandom(3), model, 3);
  expect(await verifyFirmware(directory, 'simulator', model, hash, raw, null)).toMatchObject({
    rows: 3,
    mismatches: 0,
  });
});

test('weights in the instructions may lie beyond 64 KB of flash', async () => {
  const model = benchModel({ name: 'far', widths: [200, 120, 120, 3], zeros: 0 });
  const { directory, hash, firmware } = makeFirmware(folder, 'code', model, 'mega', 'sketch', 'code');
  expect(firmware.kernels).toContain('avr-straight-line');
  expect(firmware.flashBytes).toBeGreaterThan(100_000);
  const raw = randomRows(createRandom(4), model, 3);
  expect(await verifyFirmware(directory, 'simulator', model, hash, raw, null)).toMatchObject({
    rows: 3,
    mismatches: 0,
  });
});

test('constants beyond are refused, and the message says how many there may be', () => {
  const model = benchModel({ name: 'far', widths: [540, 58, 510, 3], zeros: 0.3 });
  expect(() => makeFirmware(folder, 'beyond', model, 'mega', 'sketch', 'beyond', true)).toThrow(
    `at most ${NEAR_LIMIT}`,
  );
});
