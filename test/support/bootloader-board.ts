import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { AVR_CHIPS, flashImage, powerOn } from '../../harness/avr-chip.js';
import { ARDUINO_CORE } from '../../harness/toolchains.js';

/**
 * A Nano behind a pseudo-terminal, simulated, that runs the bootloader which Nanos came with: what uploads to it talks
 * to the same code as on a board. (Debian's build of the Uno's is larger than its place in flash.)
 */

const CLOCK_HZ = 16_000_000;
const CHARACTER_CYCLES = Math.round((10 * CLOCK_HZ) / 57_600);
const SLICE = 20_000;
const BOOTLOADER = path.join(ARDUINO_CORE, 'bootloaders', 'atmega', 'ATmegaBOOT_168_atmega328.hex');
export const BOOTLOADER_START = 0x7800;
const PAGE_BYTES = 128;
/** ATmega328P datasheet (DS40002061), section 26: self-programming. */
const SPMCSR = 0x57;
const FILL = 0x01;
const ERASE = 0x03;
const WRITE = 0x05;
const MCUSR = 0x54;
const EXTERNAL_RESET = 0x02;
const Z = 30;

export interface BootloaderBoard {
  /** Program memory as it is now. */
  readonly flash: Uint8Array;
  stop(): void;
}

/**
 * Puts a board behind `port`. The byte at `wornOut` takes one bit wrongly; a board with
 * `otherProgram` has none that knows the protocol, and sends something of its own.
 */
export async function bootloaderBoard(
  port: string,
  { wornOut, otherProgram = false }: { wornOut?: number; otherProgram?: boolean } = {},
): Promise<BootloaderBoard> {
  const chip = powerOn(
    flashImage(readFileSync(BOOTLOADER, 'utf8'), AVR_CHIPS.atmega328p),
    CLOCK_HZ,
    AVR_CHIPS.atmega328p,
  );
  const { cpu, usart } = chip;
  const flash = cpu.progBytes;
  const page = new Uint8Array(PAGE_BYTES).fill(0xff);

  // avr8js has no SPM; the bootloader writes this register right before each, with its operands in place.
  cpu.writeHooks[SPMCSR] = (command) => {
    const address = cpu.dataView.getUint16(Z, true);
    const start = address & -PAGE_BYTES;
    if (command === FILL) page.set(cpu.data.subarray(0, 2), (address % PAGE_BYTES) & ~1);
    if (command === ERASE) flash.fill(0xff, start, start + PAGE_BYTES);
    if (command === WRITE) {
      page.forEach((byte, k) => (flash[start + k] = byte ^ Number(start + k === wornOut)));
      page.fill(0xff);
    }
    return true; // done at once: the bit that says "busy" is never seen
  };
  cpu.pc = BOOTLOADER_START / 2;
  cpu.data[MCUSR] = EXTERNAL_RESET;

  const socat = spawn('socat', [`PTY,link=${port},raw,echo=0`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const arriving: number[] = [];
  let delivering = false;
  let running = true;
  const deliver = (): void => {
    delivering = arriving.length > 0;
    if (!delivering) return;
    cpu.addClockEvent(() => {
      usart.writeByte(arriving.shift()!, true);
      deliver();
    }, CHARACTER_CYCLES);
  };
  usart.onByteTransmit = (byte) => socat.stdin.write(Uint8Array.of(byte));
  socat.stdout.on('data', (bytes: Buffer) => {
    if (otherProgram) return void socat.stdin.write('7');
    arriving.push(...bytes);
    if (!delivering) deliver();
  });
  const slice = (): void => {
    chip.run(SLICE, () => false);
    if (running) setImmediate(slice);
  };
  if (!otherProgram) setImmediate(slice);
  while (!existsSync(port)) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    flash,
    stop() {
      running = false;
      socat.kill();
    },
  };
}
