import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { BindingInterface } from '../../harness/binding.js';
import { bytePort } from '../../harness/byte-port.js';
import { resetBoard } from '../../harness/modem-lines.js';
import { closePort, openPort } from '../../harness/port.js';
import { findAgain } from '../../harness/reenumeration.js';
import { openSerialPort } from '../../harness/serial-port.js';
import { allBoards, boardsOfUsb } from '../../model/board.js';

/** What happens to a port before the first byte. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-opening-'));
let socat: ChildProcess | null = null;
afterAll(() => {
  socat?.kill();
  rmSync(folder, { recursive: true });
});

/** Notes every change of DTR and RTS, with the milliseconds since the one before. */
function linesBinding(seen: string[]): BindingInterface {
  return {
    list: () => Promise.resolve([]),
    open(options) {
      const nothing = () => Promise.resolve();
      const port = bytePort(options, { write: nothing, close: nothing, drained() {} });
      port.set = ({ dtr, rts }) => {
        seen.push(`D${Number(dtr)}R${Number(rts)}`);
        return Promise.resolve();
      };
      return Promise.resolve(port);
    },
  };
}

const boards = allBoards().flatMap(({ id, serial }) => (serial ? [{ id, serial }] : []));

test.each(boards)('the lines of $id move as its JSON says', async ({ serial }) => {
  const seen: string[] = [];
  const port = await openPort(linesBinding(seen), 'board', serial.baudRate);
  const resting = `D${Number(serial.dtr)}R${Number(serial.rts)}`;
  await resetBoard(port, serial);
  await closePort(port);
  expect(seen[0]).toBe(resting);
  const moves = (serial.resetSequence ?? '').split('|').filter((step) => /^[DR]/.test(step));
  expect(seen.length).toBe(1 + moves.length);
  moves.forEach((step, k) => expect(seen[k + 1]).toContain(step));
  expect(seen.at(-1)).toBe(resting); // a reset leaves the lines as the board wants them
});

test('58, 75: a port that is open already is busy; a pseudo-terminal has no modem lines', async () => {
  const name = path.join(folder, 'tty');
  socat = spawn('socat', [`PTY,link=${name},raw,echo=0`, 'PTY,raw,echo=0'], { stdio: 'ignore' });
  await vi.waitUntil(() => existsSync(name), { timeout: 30_000, interval: 20 });
  const port = await openSerialPort(name, 115_200);
  try {
    await expect(openSerialPort(name, 115_200)).rejects.toMatchObject({
      details: { kind: 'toolchain', code: 'port-busy', message: expect.stringContaining(name) as string },
    });
    await resetBoard(port, { ...boards[0].serial, resetSequence: 'D0|W3600000|D1' });
  } finally {
    await closePort(port);
  }
  await closePort(await openSerialPort(name, 115_200));
});

/** Boards of which it is known here whether they have it; one that is added may, too. */
const ESP = ['esp32', 'esp32-c3', 'esp32-c6', 'esp32-h2', 'esp32-p4', 'esp32-s2', 'esp32-s3', 'esp8266'];
const WITH_BRIDGE = [...ESP, 'mega', 'nano', 'nano-old', 'uno'];
const KNOWN = [...WITH_BRIDGE, 'leonardo', 'pico', 'nano33ble', 'host'];

test.each([
  ['2341', '0043', ['uno']],
  ['1A86', '7523', WITH_BRIDGE],
  ['0000', '0000', []],
  [null, null, []],
])('a USB interface %s:%s may be of %j', (vendor, product, ids) => {
  const found = boardsOfUsb(vendor, product).map(({ id }) => id);
  expect(found.filter((id) => KNOWN.includes(id))).toEqual(ids);
});

/** A port of a board whose processor is the USB device, by the product that it shows. */
const acm = (n: number, productId: string) => ({
  path: `/dev/ttyNone${n}`,
  manufacturer: null,
  vendorId: '2341',
  productId,
});
const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

test.each([
  ['comes back under its name', [...times(3, []), [acm(0, '8036')]], 0],
  [
    'comes back under another name, its bootloader in between',
    [[], [acm(1, '0036')], [], [acm(1, '8036')]],
    1,
  ],
  [
    'is found behind its bootloader, which had a name of its own',
    [...times(4, [acm(1, '0036')]), [acm(2, '8036')]],
    2,
  ],
  ['is one of two of its kind: no guess', [[acm(1, '8036'), acm(2, '8036')]], 0],
  ['comes back beside boards of another kind', [[acm(1, '0043')], [acm(1, '0043'), acm(2, '8036')]], 2],
  ['stays away', [[]], 0],
])('a Leonardo that was reset %s', async (_, looks, found) => {
  let look = 0;
  const list = () => Promise.resolve(looks[Math.min(look++, looks.length - 1)]);
  const { usb } = allBoards().find(({ id }) => id === 'leonardo')!;
  expect(await findAgain('/dev/ttyNone0', usb, { list, patience: 20, pause: 1 })).toBe(
    `/dev/ttyNone${found}`,
  );
});
