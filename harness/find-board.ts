import type { Board } from '../model/board.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { listPorts, type PortDescription } from './serial-port.js';

/** Vendor and product of a port's USB interface, as boards have them. */
export const usbIdOf = ({ vendorId, productId }: PortDescription): string =>
  `${vendorId}:${productId}`.toLowerCase();

/**
 * The only port whose USB interface a board may have. Throws a `Problem` of kind `toolchain` with the ports found:
 * `board-not-found` where there is none, `several-ports` where it may be behind more than one.
 */
export async function findBoardPort(board: Board, list: typeof listPorts = listPorts): Promise<string> {
  const all = await list();
  const own = all.filter((port) => board.usb.includes(usbIdOf(port))).map(({ path }) => path);
  if (own.length === 1) return own[0];
  const found = all.map(({ path }) => path).join(', ');
  if (own.length > 1) {
    throw new Problem({
      kind: 'toolchain',
      code: 'several-ports',
      message: t`${board.name} may be on any of these ports: ${own.join(', ')}`,
      hint: t`say which with --port ${own[0]}, or unplug the others`,
    });
  }
  const ports = found === '' ? t`; no serial port was found` : t`; ports found: ${found}`;
  throw new Problem({
    kind: 'toolchain',
    code: 'board-not-found',
    message: t`no port has a USB interface of ${board.name}${ports}`,
    hint: t`is the board plugged in? If its interface is another one, say where it is with --port`,
  });
}
