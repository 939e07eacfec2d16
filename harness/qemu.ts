import { spawn, type ChildProcess } from 'node:child_process';
import type { Board } from '../model/board.js';
import { fileReason } from '../model/file-error.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { withDeadline } from './deadline.js';
import { findTool, requireTools, type ToolName } from './toolchains.js';

/**
 * A processor in QEMU whose serial port is a pseudo-terminal: a path like that of a board, opened like one. Its
 * clock is this computer's, so it proves results and counts no cycles.
 */

interface Machine {
  readonly program: ToolName;
  /** The program's file follows. */
  readonly arguments: readonly string[];
}

/** By microcontroller: some of QEMU's machines are boards. */
const MACHINES: Readonly<Record<string, Machine>> = {
  atmega328p: { program: 'qemu-system-avr', arguments: ['-M', 'uno', '-bios'] },
  atmega2560: { program: 'qemu-system-avr', arguments: ['-M', 'mega2560', '-bios'] },
};
/** By processor, for boards that QEMU does not have: what `buildForVirt` makes. */
const VIRT_MACHINES: Readonly<Record<string, Machine>> = {
  rv32imc: { program: 'qemu-system-riscv32', arguments: ['-M', 'virt', '-bios', 'none', '-kernel'] },
};

/** Where a board's program runs in QEMU, and whether it is the board's own; null where QEMU has nothing like it. */
export function qemuMachine({ mcu, core }: Board): (Machine & { readonly isVirt: boolean }) | null {
  const own = MACHINES[mcu ?? ''];
  const machine = own ?? VIRT_MACHINES[core];
  return machine ? { ...machine, isVirt: machine !== own } : null;
}

export interface Qemu {
  /** Of the pseudo-terminal. */
  readonly path: string;
  /** How QEMU ended and the last it said, once it has ended; null where it still runs. */
  lastWords(): Promise<string | null>;
  stop(): Promise<void>;
}

const START_MILLISECONDS = 20_000;
const END_MILLISECONDS = 500;
const TAIL = 2_000;
/** QEMU's own words about `-serial pty`. */
const REDIRECTED = /char device redirected to (\S+)/;

/**
 * Ends `child` when this process ends, however it ends: a processor that waits for its port runs for ever. The guard ends
 * with the child, as its number may soon be that of another process.
 */
export function guard(child: ChildProcess): void {
  if (child.pid === undefined) return; // it never started
  const keeper = spawn('/bin/sh', ['-c', `read -r end; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  keeper.on('error', () => {}); // without a shell there is no guard, and nothing else is amiss
  child.once('exit', () => keeper.kill('SIGKILL'));
}

export const qemuFailed = (words: string): Problem =>
  new Problem({
    kind: 'toolchain',
    code: 'qemu-failed',
    message: t`QEMU: ${words}`,
    hint: t`use --on simulator, which needs no QEMU`,
  });

/** Starts a program. Throws a `Problem`: `missing-tool`, or `qemu-failed` with what QEMU said. */
export async function startQemu(machine: Machine, program: string): Promise<Qemu> {
  requireTools([machine.program]);
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'pty'];
  const child = spawn(
    findTool(machine.program) ?? machine.program,
    [...quiet, ...machine.arguments, program],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  let ended: string | null = null;
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => resolve(void (ended = fileReason(error))));
    child.once('close', (code, signal) => {
      ended ??= `${machine.program} ${signal ? t`was killed by ${signal}` : t`ended with exit code ${code}`}`;
      resolve();
    });
  });
  guard(child);

  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    if (child.pid !== undefined) await exited;
  };
  const lastWords = async (): Promise<string | null> => {
    await withDeadline(exited, END_MILLISECONDS, () => new Error('still running')).catch(() => {});
    return ended && (said.trim() === '' ? ended : t`${ended}; its last words:\n${said.trim()}`);
  };

  const opened = new Promise<string>((resolve, reject) => {
    const listen = (text: Buffer): void => {
      said = (said + text.toString()).slice(-TAIL);
      const found = REDIRECTED.exec(said);
      if (found) resolve(found[1]);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    void exited.then(() => reject(new Error('ended')));
  });
  try {
    const path = await withDeadline(opened, START_MILLISECONDS, () => new Error('late'));
    return { path, lastWords, stop };
  } catch {
    const words = await lastWords();
    await stop();
    throw qemuFailed(words ?? t`no pseudo-terminal was opened within ${START_MILLISECONDS / 1000} s`);
  }
}
