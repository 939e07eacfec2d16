import { AVRTimer, AVRUSART, CPU, avrInstruction, timer0Config, timer1Config, usart0Config } from 'avr8js';
import { createRequire } from 'node:module';
import type IntelHex from 'nrf-intel-hex';

/** An ATmega328P with its serial port and the timers that firmware uses. Datasheet: Microchip DS40002061. */

/** Its declarations promise an ES module's default export, but Node gets the CommonJS file. */
const MemoryMap = createRequire(import.meta.url)('nrf-intel-hex') as typeof IntelHex.default;

const FLASH_BYTES = 0x8000;
const RAM_BYTES = 0x800;
const RAM_START = 0x100;
const LAST_RAM_BYTE = RAM_START + RAM_BYTES - 1;
const SPL = 0x5d;
const SPH = 0x5e;
/** RAM holds anything at power-on; zeros would hide a program that forgets to clear its own. */
const POWER_ON_RAM = 0xa5;
/** Instructions between two looks for a waiting loop. */
const PROBE = 256;

export interface Chip {
  readonly cpu: CPU;
  readonly usart: AVRUSART;
  /**
   * Runs about `count` instructions, or until `pause` says so. Returns true where the program waits in a loop
   * that only a byte from outside can end.
   */
  run(count: number, pause: () => boolean): boolean;
  /** The deepest the stack has been, in bytes. */
  readonly stackBytes: number;
}

/** Throws where the text is no Intel hex or needs more than 32 KB. */
export function flashImage(hex: string): Uint8Array {
  const blocks = MemoryMap.fromHex(hex);
  for (const [address, bytes] of blocks) {
    if (address + bytes.length > FLASH_BYTES)
      throw new Error(`the program ends beyond ${FLASH_BYTES} bytes of flash`);
  }
  return blocks.slicePad(0, FLASH_BYTES, 0xff);
}

export function powerOn(flash: Uint8Array, clockHz: number): Chip {
  const cpu = new CPU(new Uint16Array(flash.slice().buffer), RAM_BYTES);
  const { data } = cpu;
  data.fill(POWER_ON_RAM, RAM_START);
  const usart = new AVRUSART(cpu, usart0Config, clockHz);
  for (const config of [timer0Config, timer1Config]) new AVRTimer(cpu, config);

  // A program moves its stack pointer in two writes, high byte first; between them it points nowhere.
  let halfWritten = false;
  cpu.writeHooks[SPH] = () => {
    halfWritten = true;
  };
  cpu.writeHooks[SPL] = () => {
    halfWritten = false;
  };
  let lowestStack = LAST_RAM_BYTE;

  const step = (): void => {
    avrInstruction(cpu);
    cpu.tick();
    const stack = data[SPL] | (data[SPH] << 8);
    if (stack < lowestStack && !halfWritten) lowestStack = stack;
  };

  const before = new Uint8Array(data.length);
  const nextEvent = (): number => cpu['nextClockEvent']?.cycles ?? Infinity;
  /**
   * One round of `PROBE` instructions. A program that comes back to where it was with every register and every
   * byte of memory as before will do so again until the next event in time, so those rounds are skipped; that
   * changes nothing but the time it takes here. True where there is no such event.
   */
  const probe = (): boolean => {
    before.set(data);
    const { pc, cycles } = cpu;
    const event = nextEvent();
    for (let i = 0; i < PROBE; i++) {
      step();
      if (cpu.pc !== pc) continue;
      if (nextEvent() !== event || Buffer.compare(before, data) !== 0) break;
      if (event === Infinity) return true;
      const period = cpu.cycles - cycles;
      cpu.cycles += Math.max(0, Math.floor((event - 1 - cpu.cycles) / period)) * period;
      return false;
    }
    return false;
  };

  return {
    cpu,
    usart,
    get stackBytes() {
      return LAST_RAM_BYTE - lowestStack;
    },
    run(count, pause) {
      for (let done = 0; done < count && !pause(); done += PROBE) {
        if (probe()) return true;
        for (let i = 0; i < PROBE; i++) step();
      }
      return false;
    },
  };
}
