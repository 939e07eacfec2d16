import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BOARDS } from '../../bench/device-facts.js';
import type { DeviceFigures } from '../../bench/device-figures.js';
import { benchModel, NETWORKS } from '../../bench/networks.js';
import { generateFirmware } from '../../codegen/generate.js';
import { findBoard } from '../../model/board.js';

/** What `generate` says of flash and RAM, against what the compilers made of the same networks. */

const file = path.join(import.meta.dirname, '..', '..', 'bench', 'device-figures.json');
const published = JSON.parse(readFileSync(file, 'utf8')) as DeviceFigures[];

test.each(published)('$core $network, constant time $constantTime', (figures) => {
  const board = findBoard(BOARDS[figures.core]);
  const firmware = generateFirmware({
    model: benchModel(NETWORKS.find(({ name }) => name === figures.network)!),
    modelHash: '0'.repeat(64),
    board,
    format: 'c',
    name: 'bench',
    folderName: 'bench',
    constantTime: figures.constantTime,
  });
  expect(Math.abs(firmware.ramBytes - figures.ramBytes)).toBeLessThanOrEqual(1); // padding
  // Class names, which the measured programs leave out, are most of the smallest networks' difference.
  const tolerance =
    figures.core === 'avr' ? Math.max(0.03 * figures.flashBytes, 25) : 0.15 * figures.flashBytes + 250;
  expect(Math.abs(firmware.flashBytes - figures.flashBytes)).toBeLessThanOrEqual(tolerance);
});
