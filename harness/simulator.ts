import { flashImage, powerOn, type Chip, type ChipFacts } from './avr-chip.js';
import type { BindingInterface } from './binding.js';
import { bytePort, UNREAD_LIMIT, type BytePort } from './byte-port.js';

/**
 * A simulated AVR board as a binding of the serialport family: the harness talks to it as it would to a board.
 * Bytes take the time they take on the wire, and arrive as garbage where the baud rates differ.
 */

/** Instructions between two looks at the event loop, about a millisecond of real time. */
const SLICE = 20_000;
/** Seconds without a byte in either direction after which the chip is paused until the next one comes. */
const IDLE_SECONDS = 2;
const BITS_PER_CHARACTER = 10;

/** The inside of the simulated board, which no real one shows. */
export interface SimulatedBoard {
  /** As the reset button does. */
  reset(): void;
  /** The deepest the stack has been since the board was made, in bytes. */
  readonly stackBytes: number;
  /** Its time since the reset, in clock cycles. */
  readonly cycles: number;
}

/**
 * What a receiver whose bits last `ratio` times the sender's reads of one character: it samples each bit in
 * the middle, counted from the start edge. A good match gives the byte itself, a bad one garbage.
 */
function sampled(byte: number, ratio: number): number {
  const line = (byte << 1) | 0x200; // start bit 0, eight data bits, stop bit 1
  let received = 0;
  for (let bit = 0; bit < 8; bit++) {
    const sentBit = Math.floor((bit + 1.5) * ratio);
    const level = sentBit < BITS_PER_CHARACTER ? (line >> sentBit) & 1 : 1;
    received |= level << bit;
  }
  return received;
}

/** Runs an Intel hex program; throws where it is none or too large. Opening the port resets the board, as DTR does. */
export function simulatedAvr(
  hex: string,
  clockHz: number,
  facts: ChipFacts,
): { binding: BindingInterface; board: SimulatedBoard } {
  const flash = flashImage(hex, facts);
  let chip: Chip | null = null;
  let earlierStackBytes = 0;
  let reset = (): void => {};

  const stackBytes = (): number => Math.max(earlierStackBytes, chip?.stackBytes ?? 0);

  const open: BindingInterface['open'] = (options) => {
    let bitCycles = 0;
    let characterCycles = 0;
    const setBaudRate = (baudRate: number): void => {
      bitCycles = clockHz / baudRate;
      characterCycles = Math.round(bitCycles * BITS_PER_CHARACTER);
    };
    setBaudRate(options.baudRate);
    let toBoard: number[] = [];
    let fromBoard: number[] = [];
    let delivering = false;
    let lastByteAt = 0; // in cycles
    let lastAnswerAt = 0;
    let isBeginning = false;
    let asleep = false;
    let scheduled = false;
    let delivered: (() => void) | null = null;

    const receiverRatio = ({ usart }: Chip): number => clockHz / usart.baudRate / bitCycles;

    /** One byte after the other at the computer's pace; a receiver that is not yet switched on misses it. */
    const deliver = (receiver: Chip): void => {
      const byte = toBoard.shift();
      delivering = byte !== undefined;
      if (byte === undefined) return;
      const arrive = (): void => {
        receiver.usart.writeByte(sampled(byte, receiverRatio(receiver)), true);
        lastByteAt = receiver.cpu.cycles;
        deliver(receiver);
      };
      receiver.cpu.addClockEvent(arrive, characterCycles);
    };

    const slice = (): void => {
      scheduled = false;
      if (!chip) return;
      const { cpu } = chip;
      // Neither an answer's first byte should wait for the end of the slice, nor its last once the line has fallen silent.
      const answered = (): boolean =>
        isBeginning || (fromBoard.length > 0 && !delivering && cpu.cycles - lastByteAt > 2 * characterCycles);
      asleep = chip.run(SLICE, answered);
      port.receive(Uint8Array.from(fromBoard));
      fromBoard = [];
      isBeginning = false;
      if (!delivering) delivered?.();
      schedule();
    };

    const schedule = (): void => {
      if (scheduled || asleep || !chip) return;
      const idle = !delivering && chip.cpu.cycles - lastByteAt > IDLE_SECONDS * clockHz;
      if (idle || port.unread > UNREAD_LIMIT) return;
      scheduled = true;
      setImmediate(slice);
    };

    const port: BytePort = bytePort(options, {
      write(bytes) {
        if (!chip) return Promise.resolve();
        toBoard.push(...bytes);
        lastByteAt = chip.cpu.cycles;
        asleep = false;
        if (!delivering) deliver(chip);
        schedule();
        return new Promise((resolve) => (delivered = resolve));
      },
      close() {
        delivered?.();
        earlierStackBytes = stackBytes();
        chip = null;
        return Promise.resolve();
      },
      setBaudRate,
      drained: () => schedule(),
    });

    reset = () => {
      earlierStackBytes = stackBytes();
      const started = powerOn(flash, clockHz, facts);
      started.usart.onByteTransmit = (byte) => {
        isBeginning ||= started.cpu.cycles - lastAnswerAt > 1.1 * characterCycles;
        lastByteAt = started.cpu.cycles;
        lastAnswerAt = lastByteAt;
        fromBoard.push(sampled(byte, 1 / receiverRatio(started)));
      };
      chip = started;
      toBoard = [];
      delivering = false;
      asleep = false;
      lastByteAt = 0;
      lastAnswerAt = 0;
      schedule();
    };
    reset();
    return Promise.resolve(port);
  };

  return {
    binding: { list: () => Promise.resolve([]), open },
    board: {
      reset: () => reset(),
      get stackBytes() {
        return stackBytes();
      },
      get cycles() {
        return chip?.cpu.cycles ?? 0;
      },
    },
  };
}
