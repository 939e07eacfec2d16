import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { PortDescription } from './serial-port.js';

/**
 * The serial ports of a Linux without udev, as in most containers, read from what the kernel says of its devices
 * (Documentation/ABI/stable/sysfs-class-tty and sysfs-bus-usb).
 */

const SERIAL = /^(tty(S|WCH|ACM|USB|AMA|MFD|O|XRUSB)|rfcomm)\d+$/;
/** How far a USB device lies above the port of one of its interfaces. */
const MOST_LEVELS = 6;

const read = (folder: string, name: string): string | null => {
  const file = path.join(folder, name);
  return existsSync(file) ? readFileSync(file, 'latin1').trim() : null;
};

/** The USB device that a port belongs to: the nearest folder above it with a vendor. */
function usbDevice(device: string): string | null {
  let folder = device;
  for (let level = 0; level < MOST_LEVELS; level++, folder = path.dirname(folder))
    if (read(folder, 'idVendor') !== null) return folder;
  return null;
}

/** Ports that have hardware behind them; `sys` is the root of sysfs. */
export function sysfsPorts(sys = '/sys'): PortDescription[] {
  const folder = path.join(sys, 'class', 'tty');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => SERIAL.test(name)) : [];
  return names.sort().flatMap((name) => {
    const port = path.join(folder, name);
    // The 8250 driver makes a port for every number it has; type 0 says that no UART answered.
    if (!existsSync(path.join(port, 'device')) || read(port, 'type') === '0') return [];
    const usb = usbDevice(realpathSync(path.join(port, 'device')));
    return [
      {
        path: `/dev/${name}`,
        manufacturer: usb && read(usb, 'manufacturer'),
        vendorId: usb && read(usb, 'idVendor'),
        productId: usb && read(usb, 'idProduct'),
      },
    ];
  });
}
