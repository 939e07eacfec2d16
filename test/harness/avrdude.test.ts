import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { AVR_CHIPS, flashImage } from '../../harness/avr-chip.js';
import { flashFirmware } from '../../harness/flash.js';
import { findProgram } from '../../harness/find-program.js';
import type { UploadProgress } from '../../harness/upload-progress.js';
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
    const steps: UploadProgress[] = [];
    try {
      const result = await flashFirmware(directory, path.join(folder, 'ttyGood'), {
        tool: 'avrdude',
        onProgress: (progress) => steps.push(progress),
      });
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
    // It writes little by little, says so while it does, and then reads all of it back.
    const written = steps.filter(({ step }) => step === 'writing').map(({ percent }) => percent);
    expect(new Set(written).size).toBeGreaterThan(5);
    expect(written).toEqual([...written].sort((a, b) => a - b));
    expect(steps.at(-1)!.step).toBe('reading back'); // its end comes with what avrdude says last
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

test('a board that says nothing: avrdude gives up, and so does flash, with what to look at', async () => {
  const directory = firmware('silent');
  const [port, far] = ['ttySilent', 'ttyFar'].map((name) => path.join(folder, name));
  const line = spawn('socat', [`PTY,link=${port},raw,echo=0`, `PTY,link=${far},raw,echo=0`]);
  // The real one tries ten times, for nearly a minute: here once.
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'avrdude'), `#!/bin/sh\nexec ${findProgram('avrdude')!} "$@" -xattempts=1\n`, {
    mode: 0o755,
  });
  vi.stubEnv('PATH', `${bin}${path.delimiter}${process.env.PATH}`);
  try {
    await vi.waitUntil(() => existsSync(port) && existsSync(far));
    await expect(flashFirmware(directory, port, { tool: 'avrdude' })).rejects.toMatchObject({
      details: {
        kind: 'toolchain',
        code: 'flash-failed',
        message: expect.stringMatching(/not in sync: resp=0x00|not responding/) as string,
        hint: expect.stringMatching(/is it that board on that port\?.*nano-old.*flash\.log/) as string,
      },
    });
    expect(readFileSync(path.join(directory, 'build', 'flash.log'), 'utf8')).toContain('attempt 1 of 1');
  } finally {
    vi.unstubAllEnvs();
    line.kill();
  }
});
