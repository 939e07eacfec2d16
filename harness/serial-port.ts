import { existsSync } from 'node:fs';
import { m, say, t, type Message } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { dropLines } from './modem-lines.js';
import { mayOpen, permissionMend } from './port-permission.js';
import { closePort, markDriven, openPort, type Port } from './port.js';
import { sysfsPorts } from './sysfs-ports.js';
import { findProgram } from './find-program.js';

/** Real serial ports. The driver is native code and is loaded only when a port is asked for. */

export interface PortDescription {
  readonly path: string;
  readonly manufacturer: string | null;
  readonly vendorId: string | null;
  readonly productId: string | null;
}

const loadDriver = async () => (await import('@serialport/bindings-cpp')).autoDetect();

/** The serial ports of this computer. */
export async function listPorts(): Promise<PortDescription[]> {
  // Without udevadm the driver's list ends the process by an error that nobody can catch.
  if (process.platform === 'linux' && findProgram('udevadm') === null) return sysfsPorts();
  const ports = await (await loadDriver()).list();
  return ports.map(({ path, manufacturer = null, vendorId = null, productId = null }) => ({
    path,
    manufacturer,
    vendorId,
    productId,
  }));
}

interface Failure {
  readonly says: RegExp;
  readonly code: string;
  readonly message: Message;
  /** What helps, where it depends on the port. */
  readonly hint: Message | ((port: string) => string);
}

/** What the drivers of Linux, macOS and Windows say when a port does not open. */
const FAILURES: readonly Failure[] = [
  {
    says: /no such (file|device)|file not found|ENOENT/i,
    code: 'port-missing',
    message: m`there is no such port`,
    hint: m`is the board plugged in?`,
  },
  {
    says: /ioctl/i,
    code: 'no-port',
    message: m`it is no serial port`,
    hint: m`neurona ports lists those that there are`,
  },
  {
    says: /permission denied|EACCES/i,
    code: 'port-permission',
    message: m`you may not open it`,
    hint: permissionMend,
  },
  {
    says: /lock|busy|temporarily unavailable|access denied/i,
    code: 'port-busy',
    message: m`another program has it open`,
    hint: m`close the serial monitor or the other neurona that uses it`,
  },
];

async function explain(said: string, path: string, list = listPorts): Promise<Problem> {
  const failure = FAILURES.find((candidate) => candidate.says.test(said));
  const found = (await list().catch(() => [])).map((port) => port.path);
  const none = existsSync(path) ? '' : t`; no serial port was found`;
  const ports = found.length > 0 ? t`; ports found: ${found.join(', ')}` : none;
  const hint = failure?.hint ?? m`unplug the board and plug it in again`;
  return new Problem({
    kind: 'toolchain',
    code: failure?.code ?? 'port-failed',
    message: `${path}: ${failure ? say(failure.message) : t`cannot open it (the driver says: ${said})`}${ports}`,
    hint: typeof hint === 'function' ? hint(path) : say(hint),
  });
}

/** Opens a port for this process alone. Throws a `Problem`: missing, not permitted, busy, each with the ports found. */
export async function openSerialPort(path: string, baudRate: number): Promise<Port> {
  try {
    return markDriven(await openPort(await loadDriver(), path, baudRate));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw await explain(error instanceof Error ? error.message : String(error), path);
  }
}

/** A port of another computer, such as `rfc2217://host:4000`, which some uploaders can reach. */
const ELSEWHERE = /^\w+:\/\/|^net:/;

/**
 * Throws a `Problem` where this computer has no such port (`port-missing`) or this user may not open it
 * (`port-permission`), with the ports found; does not open it.
 */
export async function requirePort(path: string, list = listPorts): Promise<void> {
  if (ELSEWHERE.test(path)) return;
  if (existsSync(path)) {
    if (!mayOpen(path)) throw await explain('EACCES', path);
    return;
  }
  // On Windows ports are no files, and their names are of either case.
  const found = await list().catch(() => []);
  if (found.some((port) => port.path.toLowerCase() === path.toLowerCase())) return;
  throw await explain('ENOENT', path, () => Promise.resolve(found));
}

/** Opens a port and closes it again: a processor that is its own USB device sees the rate, and may start its bootloader. */
export async function touchSerialPort(path: string, baudRate: number): Promise<void> {
  const port = await openSerialPort(path, baudRate);
  await dropLines(port);
  await closePort(port);
}
