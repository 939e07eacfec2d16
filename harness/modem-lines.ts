import type { Board } from '../model/board.js';
import type { Port } from './port.js';

/** DTR and RTS, through which many boards are reset. */

interface Lines {
  dtr: boolean;
  rts: boolean;
}

/** False where the port has no such lines: a pseudo-terminal, a simulated board. */
const setLines = (port: Port, lines: Lines): Promise<boolean> =>
  new Promise((resolve) => {
    port.set({ ...lines, brk: false, cts: false, dsr: false }, (error) => resolve(!error));
  });

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Takes DTR back, as the end of a conversation does; what has no such lines takes no notice. */
export const dropLines = (port: Port): Promise<boolean> => setLines(port, { dtr: false, rts: false });

/**
 * Resets a board as its JSON says, in steps as esptool writes them ("D0|R1|W100|R0": DTR off, RTS on, wait 100 ms,
 * RTS off), and leaves the lines at the levels it wants while the port is open.
 */
export async function resetBoard(port: Port, serial: NonNullable<Board['serial']>): Promise<void> {
  const lines: Lines = { dtr: serial.dtr, rts: serial.rts };
  if (!(await setLines(port, lines)) || serial.resetSequence === null) return;
  for (const step of serial.resetSequence.split('|')) {
    const value = Number(step.slice(1));
    if (step.startsWith('W')) await pause(value);
    else {
      lines[step.startsWith('D') ? 'dtr' : 'rts'] = value === 1;
      await setLines(port, lines);
    }
  }
}
