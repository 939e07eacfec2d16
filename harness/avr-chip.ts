import { AVRTimer, AVRUSART, CPU, avrInstruction, timer0Config, timer1Config, usart0Config } from 'avr8js';
import { createRequire } from 'node:module';
import type IntelHex from 'nrf-intel-hex';
import type { SIMULATED_MCUS } from '../model/board.js';

/** An AVR with its first serial port and the timers that firmware uses. */

/** Its declarations promise an ES module's default export, but Node gets the CommonJS file. */
const MemoryMap = createRequire(import.meta.url)('nrf-intel-hex') as typeof IntelHex.default;

/** Memory, and the addresses of interrupt vectors in words. Registers lie where avr8js expects them in all of these. */
export interface ChipFacts {
  readonly flashBytes: number;
  readonly ramStart: number;
  readonly ramBytes: number;
  readonly usart0: { readonly received: number; readonly empty: number; readonly sent: number };
  readonly timer0: { readonly compareA: number; readonly compareB: number; readonly overflow: number };
  readonly timer1: {
    readonly capture: number;
    readonly compareA: number;
    readonly compareB: number;
    readonly compareC: number;
    readonly overflow: number;
  };
}

/** Chips by the compiler's name of them. Datasheets: Microchip DS40002061 (ATmega328P), DS40002211 (ATmega2560). */
export const AVR_CHIPS = {
  atmega328p: {
    flashBytes: 0x8000,
    ramStart: 0x100,
    ramBytes: 0x800,
    usart0: { received: 0x24, empty: 0x26, sent: 0x28 },
    timer0: { compareA: 0x1c, compareB: 0x1e, overflow: 0x20 },
    timer1: { capture: 0x14, compareA: 0x16, compareB: 0x18, compareC: 0, overflow: 0x1a },
  },
  atmega2560: {
    flashBytes: 0x40000,
    ramStart: 0x200,
    ramBytes: 0x2000,
    usart0: { received: 0x32, empty: 0x34, sent: 0x36 },
    timer0: { compareA: 0x2a, compareB: 0x2c, overflow: 0x2e },
    timer1: { capture: 0x20, compareA: 0x22, compareB: 0x24, compareC: 0x26, overflow: 0x28 },
  },
} as const satisfies Readonly<Record<(typeof SIMULATED_MCUS)[number], ChipFacts>>;

/** Where avr8js thinks that RAM starts. */
const REGISTER_SPACE = 0x100;
const UCSR0A = 0xc0;
const UCSR0B = 0xc1;
const RXC0 = 0x80;
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

/** Throws where the text is no Intel hex or needs more than the chip's flash. */
export function flashImage(hex: string, { flashBytes }: ChipFacts): Uint8Array {
  const blocks = MemoryMap.fromHex(hex);
  for (const [address, bytes] of blocks) {
    if (address + bytes.length > flashBytes)
      throw new Error(`the program ends beyond ${flashBytes} bytes of flash`);
  }
  return blocks.slicePad(0, flashBytes, 0xff);
}

/**
 * A byte that has come unread stays whatever is written to the status and control registers (sections 19.11.2 and
 * 19.11.3); avr8js 0.21 loses it, though the transmitter's half of the Arduino core may write them at any moment.
 */
function keepReceivedByte(cpu: CPU, usart: AVRUSART): void {
  for (const register of [UCSR0A, UCSR0B]) {
    const write = cpu.writeHooks[register];
    cpu.writeHooks[register] = (...change) => {
      const isWaiting = (cpu.data[UCSR0A] & RXC0) !== 0;
      const written = write(...change);
      if (isWaiting && usart.rxEnable) cpu.setInterruptFlag(usart['RXC']);
      return written;
    };
  }
}

export function powerOn(flash: Uint8Array, clockHz: number, chip: ChipFacts): Chip {
  const lastRamByte = chip.ramStart + chip.ramBytes - 1;
  const cpu = new CPU(new Uint16Array(flash.slice().buffer), lastRamByte + 1 - REGISTER_SPACE);
  const { data } = cpu;
  data.fill(POWER_ON_RAM, chip.ramStart);
  const { usart0, timer0, timer1 } = chip;
  const usart = new AVRUSART(
    cpu,
    {
      ...usart0Config,
      rxCompleteInterrupt: usart0.received,
      dataRegisterEmptyInterrupt: usart0.empty,
      txCompleteInterrupt: usart0.sent,
    },
    clockHz,
  );
  keepReceivedByte(cpu, usart);
  new AVRTimer(cpu, {
    ...timer0Config,
    compAInterrupt: timer0.compareA,
    compBInterrupt: timer0.compareB,
    ovfInterrupt: timer0.overflow,
  });
  new AVRTimer(cpu, {
    ...timer1Config,
    captureInterrupt: timer1.capture,
    compAInterrupt: timer1.compareA,
    compBInterrupt: timer1.compareB,
    compCInterrupt: timer1.compareC,
    ovfInterrupt: timer1.overflow,
  });

  // A program moves its stack pointer in two writes, high byte first; between them it points nowhere.
  let halfWritten = false;
  cpu.writeHooks[SPH] = () => {
    halfWritten = true;
  };
  cpu.writeHooks[SPL] = () => {
    halfWritten = false;
  };
  let lowestStack = lastRamByte;

  // A name of its own, as loaders of tests look up an import at every use: that takes longer than the instruction.
  const execute = avrInstruction;
  const nextEvent = (): number => cpu['nextClockEvent']?.cycles ?? Infinity;
  const step = (): void => {
    execute(cpu);
    // A tick has one event happen. Where two are due, as a timer's start and another one's overflow, none may be late.
    do cpu.tick();
    while (nextEvent() <= cpu.cycles);
    const stack = data[SPL] | (data[SPH] << 8);
    if (stack < lowestStack && !halfWritten) lowestStack = stack;
  };

  const before = new Uint8Array(data.length);
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
      return lastRamByte - lowestStack;
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
