import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listPorts } from '../../harness/serial-port.js';
import { sysfsPorts } from '../../harness/sysfs-ports.js';

const sys = mkdtempSync(path.join(tmpdir(), 'neurona-sysfs-'));
afterAll(() => rmSync(sys, { recursive: true }));

/** A port as the kernel shows it: `class/tty/NAME` links into `devices`, and `device` in it to the hardware. */
function addPort(name: string, hardware: string | null, files: Record<string, string> = {}): void {
  const port = path.join(sys, 'devices', hardware ?? 'virtual', 'tty', name);
  mkdirSync(port, { recursive: true });
  mkdirSync(path.join(sys, 'class', 'tty'), { recursive: true });
  symlinkSync(port, path.join(sys, 'class', 'tty', name));
  if (hardware !== null) symlinkSync(path.join(sys, 'devices', hardware), path.join(port, 'device'));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(port, file), `${text}\n`);
}

test('without udev, ports with hardware behind them, and their USB interfaces', () => {
  const uno = path.join(sys, 'devices', 'usb1', '1-2');
  addPort('ttyACM0', 'usb1/1-2/1-2:1.0');
  for (const [file, text] of [
    ['idVendor', '2341'],
    ['idProduct', '0043'],
    ['manufacturer', 'Arduino (www.arduino.cc)'],
  ])
    writeFileSync(path.join(uno, file), `${text}\n`);
  addPort('ttyUSB3', 'usb1/1-4/1-4:1.0/ttyUSB3');
  writeFileSync(path.join(sys, 'devices', 'usb1', '1-4', 'idVendor'), '1a86\n');
  writeFileSync(path.join(sys, 'devices', 'usb1', '1-4', 'idProduct'), '7523\n');
  addPort('ttyS0', 'pnp0/00:04', { type: '4' });
  addPort('ttyS1', 'platform/serial8250', { type: '0' });
  addPort('tty7', null);
  const nobody = { manufacturer: null, vendorId: null, productId: null };
  expect(sysfsPorts(sys)).toEqual([
    {
      path: '/dev/ttyACM0',
      manufacturer: 'Arduino (www.arduino.cc)',
      vendorId: '2341',
      productId: '0043',
    },
    { path: '/dev/ttyS0', ...nobody },
    { path: '/dev/ttyUSB3', ...nobody, vendorId: '1a86', productId: '7523' },
  ]);
  expect(sysfsPorts(path.join(sys, 'nothing'))).toEqual([]);
});

test('listPorts answers where there is no udevadm', async () => {
  const { PATH } = process.env;
  try {
    process.env.PATH = '';
    expect(Array.isArray(await listPorts())).toBe(true);
  } finally {
    process.env.PATH = PATH;
  }
});
