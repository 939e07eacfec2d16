import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { AVR_CHIPS, flashImage } from '../../harness/avr-chip.js';
import { flashFirmware } from '../../harness/flash.js';
import { findBootloader } from '../../harness/reenumeration.js';
import { touchSerialPort } from '../../harness/serial-port.js';
import { findBoard } from '../../model/board.js';
import { avr109Board } from '../support/avr109-board.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';

/** A bootloader that starts when its port is opened at 1200 baud and closed, and then shows a port of its own. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-touch-'));
afterAll(() => rmSync(folder, { recursive: true }));

const port = (name: string, productId: string) => ({
  path: name,
  manufacturer: null,
  vendorId: '2341',
  productId,
});
const sketch = port('A', '8036');
const bootloader = (name: string) => port(name, '0036');
const uno = port('U', '0043');

test.each<[string, ReturnType<typeof port>[][], string, string?]>([
  ['under another name', [[sketch], [], [bootloader('B')]], 'B'],
  ['under the same name', [[sketch], [], [bootloader('A')]], 'A'],
  ['beside another board', [[sketch, uno], [uno], [uno, bootloader('B')]], 'B'],
  [
    'beside another Leonardo',
    [[sketch, port('C', '8036')], [port('C', '8036')], [port('C', '8036'), bootloader('A')]],
    'A',
  ],
  ['under the same name, for which there is a link', [[sketch], [], [bootloader('A')]], 'A', 'link'],
  ['not at all, for it was there', [[bootloader('A')]], 'A'],
])('it comes %s', async (_, looks, found, name = 'A') => {
  let look = 0;
  let touches = 0;
  const list = () => Promise.resolve(looks[Math.min(look++, looks.length - 1)]);
  const touch = () => Promise.resolve(void touches++);
  const { usb } = findBoard('leonardo');
  expect(await findBootloader(name, usb, { list, patience: 20, pause: 1 }, touch)).toBe(found);
  expect(touches).toBe(1);
});

test('avrdude uploads to the port of a Leonardo that has been touched, and reads the same back', async () => {
  const { directory } = makeFirmware(folder, 'leonardo', tinyModel(), 'leonardo', 'sketch', 'tiny');
  const [before, after] = ['ttyBefore', 'ttyAfter'].map((name) => path.join(folder, name));
  const far = path.join(folder, 'ttyFar');
  const line = spawn('socat', [`PTY,link=${before},raw,echo=0`, `PTY,link=${far},raw,echo=0`], {
    stdio: 'ignore',
  });
  await vi.waitUntil(() => existsSync(before) && existsSync(far), { timeout: 30_000, interval: 20 });
  const board = await avr109Board(after);
  const looks = [[{ ...sketch, path: before }], [], [bootloader(after)]];
  const list = () => Promise.resolve(looks.shift() ?? []);
  try {
    const result = await flashFirmware(directory, before, { tool: 'avrdude', list });
    expect(result.command).toEqual(expect.arrayContaining(['-cavr109', '-patmega32u4', '-b57600', after]));
    expect(execFileSync('stty', ['-F', before, 'speed']).toString().trim()).toBe('1200');
    const hex = readFileSync(path.join(directory, 'build', 'tiny.hex'), 'utf8');
    const image = flashImage(hex, { ...AVR_CHIPS.atmega328p, flashBytes: 28_672 });
    expect(Buffer.compare(board.flash.subarray(0, image.length), image)).toBe(0);
  } finally {
    board.stop();
    line.kill();
  }
});

test('a port that is not there cannot be touched', async () => {
  await expect(touchSerialPort(path.join(folder, 'none'), 1200)).rejects.toMatchObject({
    details: { code: 'port-missing' },
  });
});
