import type { BindingInterface } from './binding.js';
import { SerialPortStream } from '@serialport/stream';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { withDeadline } from './deadline.js';

export type Port = SerialPortStream;

/** Ports of drivers, which say in words of their own, and not in the reader's language, why a device is gone. */
const driven = new WeakSet<Port>();

export function markDriven(port: Port): Port {
  driven.add(port);
  return port;
}

/** That a port was lost, and why where that is said in words for people. */
export const lossText = (port: Port, reason: Error | null | undefined): string =>
  reason && !driven.has(port) ? t`the device is gone: ${reason.message}` : t`the device is gone`;

/** Longer than any driver takes; a port that hangs must not hang us. */
const OPEN_MILLISECONDS = 10_000;
const CLOSE_MILLISECONDS = 2_000;

/** Opens a port, whatever lies behind the binding. Throws what the binding throws, or a `Problem` after 10 s. */
export function openPort(binding: BindingInterface, path: string, baudRate: number): Promise<Port> {
  const port = new SerialPortStream({ binding, path, baudRate, autoOpen: false });
  const opened = new Promise<Port>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve(port)));
  });
  return withDeadline(opened, OPEN_MILLISECONDS, () => {
    const message = t`${path}: the port did not open within ${OPEN_MILLISECONDS / 1000} s`;
    return new Problem({
      kind: 'toolchain',
      code: 'port-hangs',
      message,
      hint: t`unplug the board and plug it in again`,
    });
  });
}

/** Closes a port that may already be closed; never throws, and gives up on a driver that hangs. */
export async function closePort(port: Port): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    port.on('error', () => resolve());
    port.close(() => resolve());
  });
  await withDeadline(closed, CLOSE_MILLISECONDS, () => new Error('close hangs')).catch(() => {});
}
