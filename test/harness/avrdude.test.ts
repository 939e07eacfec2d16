import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AVR_CHIPS, flashImage } from '../../harness/avr-chip.js';
import { flashFirmware } from '../../harness/flash.js';
import { BOOTLOADER_START, bootloaderBoard } from '../support/bootloader-board.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';

/** The real avrdude, and at the other end of the line the bootloader of real boards. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-avrdude-'));
afterAll(() => rmSync(folder, { recursive: true }));
const firmware = (name: string): string =>
  makeFirmware(folder, name, tinyModel(), 'nano-old', 'sketch', 'tiny').directory;

test.concurrent(
  'avrdude uploads and verifies: the flash of the board is the hex, and its bootloader is still there',
  async () => {
    const directory = firmware('good');
    const board = await bootloaderBoard(path.join(folder, 'ttyGood'));
    const before = board.flash.slice(BOOTLOADER_START);
    try {
      const result = await flashFirmware(directory, path.join(folder, 'ttyGood'), { tool: 'avrdude' });
      expect(result).toMatchObject({ board: 'nano-old', tool: 'avrdude' });
    } finally {
      board.stop();
    }
    const hex = readFileSync(path.join(directory, 'build', 'tiny.hex'), 'utf8');
    const image = flashImage(hex, AVR_CHIPS.atmega328p);
    expect(image.findLastIndex((byte) => byte !== 0xff)).toBeGreaterThan(1000);
    expect(
      Buffer.compare(board.flash.subarray(0, BOOTLOADER_START), image.subarray(0, BOOTLOADER_START)),
    ).toBe(0);
    expect(board.flash.slice(BOOTLOADER_START)).toEqual(before);
    expect(readFileSync(path.join(directory, 'build', 'flash.log'), 'utf8')).toMatch(
      /bytes of flash verified/,
    );
  },
);

test.concurrent.each([
  [
    'a bit that flash takes wrongly',
    { wornOut: 0x123 },
    /: avrdude \w+: .*(mismatch|verification)/i,
    /worn out/,
  ],
  ['a board without a bootloader', { otherProgram: true }, /not in sync: resp=0x37/, /nano-old/],
])('%s', async (_, fault, message, hint) => {
  const directory = firmware(Object.keys(fault)[0]);
  const port = path.join(folder, `tty${Object.keys(fault)[0]}`);
  const board = await bootloaderBoard(port, fault);
  try {
    await expect(flashFirmware(directory, port, { tool: 'avrdude' })).rejects.toMatchObject({
      details: {
        kind: 'toolchain',
        code: 'flash-failed',
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      },
    });
  } finally {
    board.stop();
  }
});
