import { existsSync } from 'node:fs';
import { usbIdOf } from './find-board.js';
import type { PortDescription } from './serial-port.js';

/**
 * A processor that is its own USB device takes its port away with every reset and every upload, and may come back under
 * another name, as Leonardo, Micro and Zero do after the touch at 1200 baud that starts their bootloader.
 */

export interface Whereabouts {
  /** The ports that there are now. */
  readonly list: () => Promise<readonly PortDescription[]>;
  /** How long a board may be away, in milliseconds, and how long between two looks. */
  readonly patience: number;
  readonly pause: number;
}

/** Systems take that long to notice a device, and its bootloader to give up, in milliseconds. */
export const ABSENCE = { patience: 10_000, pause: 100 } as const;
/** Looks for which a port of another name must stay alone: a bootloader's port comes and goes in between. */
const STEADY_LOOKS = 5;

/**
 * Starts the bootloader of the board at `path` with `touch`; where it then is: at the next port with one of its USB ids that
 * was not there a moment before. `path` itself where none comes in time: perhaps the bootloader was running already.
 */
export async function findBootloader(
  path: string,
  usb: readonly string[],
  { list, patience, pause }: Whereabouts,
  touch: () => Promise<void>,
): Promise<string> {
  const own = async () =>
    (await list()).filter((port) => usb.includes(usbIdOf(port))).map((port) => port.path);
  let last = await own();
  await touch();
  for (let waited = 0; waited <= patience; waited += pause) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const now = await own();
    const come = now.find((name) => !last.includes(name));
    if (come !== undefined) return come;
    last = now;
  }
  return path;
}

/**
 * Where the board is that was at `path`: there again, or at the only port with one of its USB ids, once it stays there.
 * `path` itself where neither comes in time, or nothing says what to look for.
 */
export async function findAgain(
  path: string,
  usb: readonly string[],
  { list, patience, pause }: Whereabouts,
): Promise<string> {
  let steady = 0;
  let last: string | null = null;
  for (let waited = 0; usb.length > 0 && waited <= patience; waited += pause) {
    // Pseudo-terminals and links such as /dev/serial/by-id are no entries of the list.
    if (existsSync(path)) return path;
    const ports = await list();
    if (ports.some((port) => port.path === path)) return path;
    const own = ports.filter((port) => usb.includes(usbIdOf(port)));
    const only = own.length === 1 ? own[0].path : null;
    steady = only !== null && only === last ? steady + 1 : 1;
    last = only;
    if (only !== null && steady >= STEADY_LOOKS) return only;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return path;
}
