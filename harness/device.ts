import { readFileSync } from 'node:fs';
import type { Board } from '../model/board.js';
import { inEnglish, m, t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { AVR_CHIPS } from './avr-chip.js';
import { buildFirmware, readManifest } from './build.js';
import { hostProcessBinding } from './host-process.js';
import { closePort, openPort, type Port } from './port.js';
import { qemuFailed, qemuMachine, startQemu } from './qemu.js';
import { resetBoard } from './modem-lines.js';
import { buildForVirt } from './rv32-virt.js';
import { ABSENCE, findAgain } from './reenumeration.js';
import { listPorts, openSerialPort } from './serial-port.js';
import { simulatedAvr } from './simulator.js';
import type { ProgramBuilderName } from './toolchains.js';

/** A board, or what stands for one, with its port open. */
export interface Device {
  readonly port: Port;
  /** How long it may stay silent after opening, in milliseconds: nothing is sent before. */
  readonly bootMilliseconds: number;
  /** Why what its cycle counter says would be no cycles of the board's processor; null where it would. */
  readonly noCycles: string | null;
  /** The deepest its stack has been, where that can be seen from outside. */
  stackBytes(): number | null;
  /** Why a device that is gone has ended, where it is a program; null where nobody knows. */
  lastWords(): Promise<string | null>;
  close(): Promise<void>;
}

export interface DeviceOptions {
  readonly toolchain?: ProgramBuilderName;
}

type Opener = (directory: string, board: Board, options: DeviceOptions) => Promise<Device>;

const DEFAULT_BAUD_RATE = 115_200;
const baudRateOf = (board: Board): number => board.serial?.baudRate ?? DEFAULT_BAUD_RATE;

const QEMU_CYCLES = m`QEMU's counters count its instructions or this computer's time, not the board's cycles`;
const HOST_CYCLES = m`this computer's cycles say nothing about a board's`;

const withDefaults = (port: Port, more: Partial<Device> = {}): Device => ({
  port,
  bootMilliseconds: 0,
  noCycles: null,
  stackBytes: () => null,
  lastWords: () => Promise.resolve(null),
  close: () => closePort(port),
  ...more,
});

const onHost: Opener = async (directory, board, options) => {
  const { elf } = await buildFirmware(directory, options);
  return withDefaults(await openPort(hostProcessBinding, elf, baudRateOf(board)), {
    noCycles: inEnglish(HOST_CYCLES),
  });
};

const onSimulator: Opener = async (directory, board, options) => {
  const { hex } = await buildFirmware(directory, options);
  if (hex === null || board.clockHz === null) throw new Error(`${board.id} has no simulator`);
  const chip = AVR_CHIPS[board.mcu as keyof typeof AVR_CHIPS];
  const { binding, board: simulated } = simulatedAvr(readFileSync(hex, 'utf8'), board.clockHz, chip);
  const port = await openPort(binding, 'simulator', baudRateOf(board));
  const bootMilliseconds = board.serial?.bootMilliseconds ?? 0;
  return withDefaults(port, { bootMilliseconds, stackBytes: () => simulated.stackBytes });
};

const onQemu: Opener = async (directory, board, options) => {
  const machine = qemuMachine(board);
  if (!machine) throw new Error(`${board.id} has no machine in QEMU`);
  const elf = machine.isVirt ? await buildForVirt(directory) : (await buildFirmware(directory, options)).elf;
  const qemu = await startQemu(machine, elf);
  try {
    const port = await openSerialPort(qemu.path, baudRateOf(board));
    return withDefaults(port, {
      noCycles: inEnglish(QEMU_CYCLES),
      lastWords: () => qemu.lastWords(),
      close: async () => {
        await closePort(port);
        await qemu.stop();
      },
    });
  } catch (error) {
    const words = await qemu.lastWords();
    await qemu.stop();
    throw words === null ? error : qemuFailed(words);
  }
};

const onPort =
  (path: string): Opener =>
  async (_directory, board) => {
    const where = { list: listPorts, ...ABSENCE };
    const present = board.serial?.nativeUsb ? await findAgain(path, board.usb, where) : path;
    const port = await openSerialPort(present, baudRateOf(board));
    if (board.serial) await resetBoard(port, board.serial);
    return withDefaults(port, { bootMilliseconds: board.serial?.bootMilliseconds ?? 0 });
  };

/** What stands for a board, by the word after `--on`; any other word is a port. */
const OPENERS: Readonly<Record<string, Opener>> = { simulator: onSimulator, qemu: onQemu, host: onHost };

export const DEVICE_WORDS = Object.keys(OPENERS);

/** Where a generated folder can run, the usual one first; `serial` stands for a port. */
export function devicesOf(directory: string, board: Board): readonly string[] {
  // A folder of plain C runs on this computer, whatever board the C is meant for, and in its user's own firmware.
  const isPlain = readManifest(directory).format === 'c';
  const machine = qemuMachine(board);
  const emulated = machine && (machine.isVirt || !isPlain) ? ['qemu'] : [];
  return [...(isPlain ? ['host', 'serial'] : board.runs), ...emulated];
}

/**
 * Builds what has to be built and opens the port: the one place that knows which transport is which. Throws a
 * `Problem`, of kind `usage` where the folder cannot run there.
 */
export function openDevice(
  directory: string,
  on: string,
  board: Board,
  options: DeviceOptions,
): Promise<Device> {
  const way = on in OPENERS ? on : 'serial';
  const ways = devicesOf(directory, board);
  if (!ways.includes(way)) {
    const message =
      way === 'serial'
        ? t`this folder cannot run on the port ${on}`
        : on === 'qemu'
          ? t`this folder cannot run on ${on}`
          : t`this folder cannot run on the ${on}`;
    const hint = t`use ${ways.map((name) => `--on ${name === 'serial' ? t`PORT` : name}`).join(t` or `)}`;
    throw new Problem({ kind: 'usage', code: 'cannot-run-there', message, hint, file: directory });
  }
  return (OPENERS[way] ?? onPort(on))(directory, board, options);
}
