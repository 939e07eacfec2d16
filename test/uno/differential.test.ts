import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { kernelNames } from '../../codegen/kernels.js';
import { verifyFirmware } from '../../harness/verify.js';
import { findBoard, type Board } from '../../model/board.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { makeFirmware } from '../support/firmware.js';
import { randomModel, randomModelOf, randomRows } from '../support/random-model.js';
import { shiftedModel } from '../support/shifted-model.js';

/**
 * Models as real sketches on the simulated ATmega328P: every class and every raw output over the serial line. Most are
 * of sizes where something ends; more random ones run in two-simulators.test.ts.
 */

const MODELS = 12;
const ROWS = 8;
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-uno-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Mode {
  readonly board: Board;
  readonly constantTime: boolean;
}

const uno = findBoard('uno');
/** A board of unknown flash has no room for straight-line code, so that small layers take the other kernels. */
const compact: Board = { ...uno, flashBytes: null };
const MODES: readonly Mode[] = [
  { board: uno, constantTime: false },
  { board: uno, constantTime: true },
  { board: compact, constantTime: false },
];
/** Every size at which the kernels' registers, counters and blocks come to an end. */
const SIZES: readonly (readonly number[])[] = [
  [1, 1],
  [1, 11, 1],
  [12, 1],
  [2, 7, 8, 2],
  [3, 23, 2],
  [4, 12, 13, 11],
  [255, 10, 2],
  [256, 2],
  [257, 8, 3],
  [300, 12, 2],
  [3, 260, 2],
  [2, 256],
];
/** Trained networks fit 16 bits; few random ones do. */
const NARROW: readonly (readonly number[])[] = [
  [1, 1],
  [4, 8, 3],
  [3, 12, 1],
  [17, 23, 11, 12],
  [64, 33, 10],
  [256, 13, 2],
  [260, 4, 260, 2],
];
/** Sums up to the very ends of 16 bits, divided by powers of two. */
const SHIFTED: readonly (readonly number[])[] = [
  [1, 1, 1],
  [5, 7, 6, 3],
  [6, 23, 4],
  [2, 3, 5, 4],
  [33, 12, 27, 2],
  [255, 11, 3],
  [1, 6, 1],
  [9, 30, 16, 11],
  [64, 8, 8, 8],
];

const random = createRandom(328);
const models: { name: string; model: QuantizedModel; mode: Mode }[] = [
  ...Array.from({ length: MODELS }, (_, k) => ({
    name: `random${k}`,
    model: randomModel(random, 6, 40),
    mode: MODES[k % MODES.length],
  })),
  ...SIZES.map(([features, ...widths], k) => ({
    name: `size${k}`,
    model: randomModelOf(random, features, widths.length, (l) => widths[l]),
    mode: MODES[k % MODES.length],
  })),
  ...SHIFTED.map((widths, k) => ({
    name: `shifted${k}`,
    model: shiftedModel(random, widths),
    mode: MODES[k % MODES.length],
  })),
  ...NARROW.flatMap((widths, k) =>
    MODES.map((mode, j) => ({
      name: `narrow${k}mode${j}`,
      model: benchModel({ name: 'narrow', widths, zeros: 0.3 }, 8, (j + k) % 3 === 1 ? 8 : 7),
      mode,
    })),
  ),
  ...NARROW.flatMap((widths, k) =>
    ([4, 2] as const).map((weightBits) => ({
      name: `narrow${k}int${weightBits}`,
      model: benchModel({ name: 'narrow', widths, zeros: 0.3 }, weightBits),
      mode: { board: compact, constantTime: k % 2 === 1 },
    })),
  ),
];
// Generated before the first board runs: a board's answers have deadlines, and generating would keep them waiting.
const cases = models.map(({ name, model, mode: { board, constantTime } }, k) => ({
  name,
  model,
  constantTime,
  raw: randomRows(random, model, ROWS),
  toolchain: k % 10 === 0 ? ('arduino-core' as const) : ('avr-gcc' as const),
  ...makeFirmware(folder, name, model, board, 'sketch', name, constantTime),
}));

test('these models take every kernel there is', () => {
  const kernels = cases.flatMap(({ firmware }) => firmware.kernels);
  expect([...new Set(kernels)].sort()).toEqual(kernelNames('avr').sort());
});

describe.concurrent('a simulated Uno computes what the integer reference computes', () => {
  test.each(cases)(
    '$name, $toolchain',
    { timeout: 120_000 },
    async ({ directory, model, hash, raw, toolchain, constantTime }) => {
      const result = await verifyFirmware(directory, 'simulator', model, hash, raw, null, {
        toolchain,
        timing: { answer: 10_000, run: 20_000 }, // a busy machine is no reason to ask twice
      });
      expect(result).toMatchObject({
        rows: ROWS,
        mismatches: 0,
        firstMismatches: [],
        stoppedBy: null,
        retries: 0,
      });
      expect(result.cycles!.min).toBeGreaterThan(0);
      // Time may depend on the data only where it was allowed to.
      if (constantTime) expect(result.cycles!.max).toBe(result.cycles!.min);
    },
  );
});
