import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { estimateBoard, type BoardEstimate } from '../../codegen/board-estimate.js';
import { findChanges, type FitRequest } from '../../codegen/fit.js';
import { buildFirmware } from '../../harness/build.js';
import { findBoard } from '../../model/board.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { makeFirmware } from '../support/firmware.js';

/** What is refused as too large, and the changes that are named: each of them fits once it is made. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-fit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const wide = (hidden: number, features = 784): QuantizedModel =>
  benchModel({ name: 'wide', widths: [features, hidden, 10], zeros: 0.6 });
/** As trained with `--accumulator 32`. */
const withWideSums = (model: QuantizedModel): QuantizedModel => ({
  ...model,
  layers: model.layers.map((layer) => ({ ...layer, accumulatorBits: 32 })),
});
const request = (model: QuantizedModel, board: string, format: FitRequest['format']): FitRequest => ({
  model,
  board: findBoard(board),
  format,
  constantTime: false,
});
const hiddenOf = (changes: readonly string[]): number =>
  Number(/--hidden (\d+)/.exec(changes.find((change) => change.includes('--hidden'))!)![1]);

describe('a smaller layer that is named', () => {
  const { flashBytes } = findBoard('uno');
  const flashOf = (model: QuantizedModel): number =>
    estimateBoard(model, findBoard('uno'), 'sketch', false, null).flashBytes;
  /** Programs have been this much larger than their estimates. */
  const withSpare = (bytes: number): number => bytes + Math.max(32, 0.02 * bytes);

  test('leaves room for what estimates are off, and no more', () => {
    const hidden = hiddenOf(findChanges(request(wide(48), 'uno', 'sketch')));
    expect(withSpare(flashOf(wide(hidden)))).toBeLessThanOrEqual(flashBytes!);
    expect(withSpare(flashOf(wide(hidden + 1)))).toBeGreaterThan(flashBytes!);
  });

  test('fits with sums as wide as they were asked for', () => {
    const hidden = hiddenOf(findChanges(request(withWideSums(wide(48)), 'uno', 'sketch')));
    expect(withSpare(flashOf(withWideSums(wide(hidden))))).toBeLessThanOrEqual(flashBytes!);
  });
});

describe('other boards that are named', () => {
  const boardsOf = (changes: readonly string[]): string[] => {
    const [, ids] = /^choose --board (.*)$/.exec(changes.find((change) => change.includes('--board'))!)!;
    return ids.split(' or ');
  };

  /** As if there were little flash on one board. */
  const small = { ...findBoard('esp32'), flashBytes: 300_000 };

  test('take the format that was asked for', () => {
    const asked = { model: wide(40), board: small, constantTime: false };
    const components = boardsOf(findChanges({ ...asked, format: 'esp-idf' }));
    expect(components).toContain('esp32-c3');
    for (const id of components) expect(findBoard(id).formats).toContain('esp-idf');
    expect(boardsOf(findChanges({ ...asked, format: small.formats[0] }))).toContain('pico');
  });
});

describe('the core takes its part of a board for which neurona links no program', () => {
  const shortfallOf = (model: QuantizedModel, board: string, format: FitRequest['format']): string | null =>
    estimateBoard(model, findBoard(board), format, false, null).shortfall;

  test.each([
    [
      'leonardo',
      32,
      /^the model needs about 2\d{4} bytes of flash and an empty sketch 5000; leonardo has 28672$/,
    ],
    [
      'esp8266',
      75,
      /^the model needs about 6\d{4} bytes of RAM and an empty sketch 28200; esp8266 has 81920$/,
    ],
  ])('of %s', (board, hidden, message) => {
    expect(shortfallOf(wide(hidden), board, 'sketch')).toMatch(message);
    expect(shortfallOf(wide(hidden), board, 'c')).toBeNull();
    const changes = findChanges(request(wide(hidden), board, 'sketch'));
    expect(shortfallOf(wide(hiddenOf(changes)), board, 'sketch')).toBeNull();
  });

  test.each(['leonardo', 'micro'])('as much as the core of %s does', { timeout: 60_000 }, async (id) => {
    const model = benchModel({ name: 'small', widths: [4, 8, 3], zeros: 0 });
    const board = findBoard(id);
    const { flashBytes, ramBytes } = estimateBoard(model, board, 'sketch', false, null);
    const { directory } = makeFirmware(folder, id, model, id, 'sketch');
    const built = await buildFirmware(directory);
    expect(Math.abs(built.flashBytes - flashBytes - board.emptySketch!.flashBytes)).toBeLessThan(150);
    expect(Math.abs(built.ramBytes - ramBytes - board.emptySketch!.ramBytes)).toBeLessThan(100);
  });
});

describe("Arduino's core takes more than what neurona links in its place", () => {
  test.each(['uno', 'mega'])('on %s, as the IDE compiles it', { timeout: 60_000 }, async (id) => {
    const model = benchModel({ name: 'small', widths: [4, 8, 3], zeros: 0 });
    const { withArduinoCore, stackBytes } = estimateBoard(model, findBoard(id), 'sketch', false, null);
    const { directory } = makeFirmware(folder, id, model, id, 'sketch');
    const built = await buildFirmware(directory, { toolchain: 'arduino-core' });
    expect(Math.abs(built.flashBytes - withArduinoCore!.flashBytes)).toBeLessThanOrEqual(32);
    expect(built.ramBytes).toBe(withArduinoCore!.ramBytes - stackBytes);
  });

  test('which is said where it is too much', () => {
    const estimated = (hidden: number): BoardEstimate =>
      estimateBoard(wide(hidden), findBoard('uno'), 'sketch', false, null);
    expect(estimated(32)).toMatchObject({ shortfall: null, coreShortfall: null });
    expect(estimated(37)).toMatchObject({
      shortfall: null,
      coreShortfall: expect.stringMatching(
        /^in the Arduino IDE, .* needs about 3\d{4} bytes of flash; uno has 32256$/,
      ),
    });
    expect(estimated(200)).toMatchObject({ shortfall: expect.anything(), coreShortfall: null });
  });
});

test('an ESP8266 spends no RAM on speed that it does not have', () => {
  const kernelsOf = (hidden: number): readonly string[] =>
    estimateBoard(wide(hidden), findBoard('esp8266'), 'sketch', false, null).kernels;
  expect(kernelsOf(32)).toEqual(['swar', 'swar']);
  expect(kernelsOf(60)[0]).toBe('input-stationary');
  expect(estimateBoard(wide(60), findBoard('esp8266'), 'sketch', false, null).fits).toBe(true);
});
