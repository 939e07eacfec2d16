import { expect, test } from 'vitest';
import { findBoardPort } from '../../harness/find-board.js';
import type { PortDescription } from '../../harness/serial-port.js';
import { uploadProgress, type UploadProgress } from '../../harness/upload-progress.js';
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

const ESPTOOL_5 = 'Writing at 0x00010000 [==========>                   ]  37.5% 65536/174848 bytes... ';

/**
 * avrdude 7.1's lines are from a run of it; those of bossac 1.9.1 and dfu-util 0.11 are put together from their programs' own
 * formats, those of esptool as its sources print them; picotool's, PlatformIO's and arduino-cli's are not checked.
 */
test.each<[string, string, UploadProgress | null]>([
  ['avrdude', 'avrdude: writing 2772 bytes flash ...\nWriting | ', { step: 'writing', percent: 0 }],
  ['avrdude', `\nWriting | ${'#'.repeat(12)}`, { step: 'writing', percent: 24 }],
  ['avrdude', `\nReading | ${'#'.repeat(50)} | 100% 0.42s\n\n`, { step: 'reading back', percent: 100 }],
  ['avrdude', 'avrdude: 2772 bytes of flash verified\n', null],
  ['esptool 4', 'Erasing…\nWriting at 0x0001a4f0... (37 %)', { step: 'writing', percent: 37 }],
  [
    'esptool 4',
    '(1 %)\rWriting at 0x00010000... (50 %)\rWriting at 0x0001a4f0... (100 %)\r',
    { step: 'writing', percent: 100 },
  ],
  ['esptool 5', `\r${ESPTOOL_5}\n`, { step: 'writing', percent: 37 }],
  ['esptool', 'Hash of data verified.\n', null],
  ['bossac', '\r[============                  ] 40% (6/15 pages)', { step: null, percent: 40 }],
  ['bossac', 'Write 3946 bytes to flash (62 pages)\n', null],
  [
    'dfu-util',
    '\rErase   \t[======                   ]  25%        16384 bytes',
    { step: 'erasing', percent: 25 },
  ],
  [
    'dfu-util',
    '\rDownload\t[=====================    ]  85%        51200 bytes',
    { step: 'writing', percent: 85 },
  ],
  ['picotool', 'Loading into Flash: [====      ]  15%', { step: 'writing', percent: 15 }],
  ['pio', 'Flash: [=         ]   4.7% (used 61516 bytes from 1310720 bytes)\n', null],
  ['arduino-cli', 'Sketch uses 3946 bytes (12%) of program storage space. Maximum is 32256 bytes.\n', null],
  ['nothing', '', null],
])('%s: %j', (_, said, expected) => {
  expect(uploadProgress(said)).toEqual(expected);
});
