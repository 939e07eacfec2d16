import { expect, test } from 'vitest';
import { findBoardPort } from '../../harness/find-board.js';
import type { PortDescription } from '../../harness/serial-port.js';
import { uploadProgress } from '../../harness/upload-progress.js';
import { findBoard } from '../../model/board.js';

/** What `flash` sees by itself: where the board is, and how far the program that uploads has come. */

const port = (path: string, usb: string | null): PortDescription => {
  const [vendorId, productId] = usb?.split(':') ?? [null, null];
  return { path, manufacturer: null, vendorId, productId };
};

test.each<[string, string, PortDescription[], string]>([
  ['alone', 'uno', [port('A', '2341:0043')], 'A'],
  ['beside others', 'uno', [port('S', null), port('B', '2341:0042'), port('A', '2341:0043')], 'A'],
  ['in capital letters', 'esp32', [port('B', '2341:0043'), port('A', '10C4:EA60')], 'A'],
  ['in its bootloader', 'leonardo', [port('A', '2341:0036')], 'A'],
  [
    'nowhere',
    'uno',
    [],
    'board-not-found: no port has a USB interface of Arduino Uno (R3); no serial port was found',
  ],
  [
    'not on these',
    'uno',
    [port('S', null), port('B', '2341:0042')],
    'board-not-found: no port has a USB interface of Arduino Uno (R3); ports found: S, B',
  ],
  [
    'one of two',
    'nano',
    [port('A', '1a86:7523'), port('B', '1a86:7523')],
    'several-ports: Arduino Nano may be on any of these ports: A, B',
  ],
])('a board is found by its USB interface: %s', async (_, board, ports, expected) => {
  const found = findBoardPort(findBoard(board), () => Promise.resolve(ports)).catch(
    ({ message, details }: { message: string; details: { code: string } }) => `${details.code}: ${message}`,
  );
  expect(await found).toBe(expected);
});

/** The lines of avrdude 7.1 are from a run of it, that of esptool 4 is as its source has it; the others are not checked against the programs. */
test.each<[string, string, { step: string; percent: number } | null]>([
  ['avrdude', 'avrdude: writing 2772 bytes flash ...\nWriting | ', { step: 'Writing', percent: 0 }],
  ['avrdude', `\nWriting | ${'#'.repeat(12)}`, { step: 'Writing', percent: 24 }],
  ['avrdude', `\nReading | ${'#'.repeat(50)} | 100% 0.42s\n\n`, { step: 'Reading', percent: 100 }],
  ['avrdude', 'avrdude: 2772 bytes of flash verified\n', null],
  ['esptool 4', 'Erasing…\nWriting at 0x0001a4f0... (37 %)', { step: 'Writing', percent: 37 }],
  [
    'esptool 4',
    '(1 %)\rWriting at 0x00010000... (50 %)\rWriting at 0x0001a4f0... (100 %)\r',
    { step: 'Writing', percent: 100 },
  ],
  [
    'esptool 5',
    'Writing at 0x00010000 [=====>       ]  37.5% 65536/174848 bytes...',
    { step: 'Writing', percent: 37 },
  ],
  ['esptool', 'Hash of data verified.\n', null],
  ['bossac', 'Write 12345 bytes to flash\n[======      ] 40% (6/15 pages)\r', { step: '', percent: 40 }],
  ['dfu-util', 'Download\t[===========  ]  85%   51200 bytes', { step: 'Download', percent: 85 }],
  ['pio', 'Flash: [=         ]   4.7% (used 61516 bytes from 1310720 bytes)\n', null],
  ['nothing', '', null],
])('%s: %j', (_, said, expected) => {
  expect(uploadProgress(said)).toEqual(expected);
});
