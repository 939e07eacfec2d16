import { avrInstruction } from 'avr8js';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AVR_CHIPS, flashImage, powerOn, type Chip } from '../../harness/avr-chip.js';
import { buildFirmware } from '../../harness/build.js';
import { REQUEST, encodeFrame } from '../../model/protocol.js';
import { writeStub } from './fixtures/stub-firmware.js';

const CLOCK = 16_000_000;
const CYCLES = 400_000;
const HELLO = encodeFrame({ sequence: 1, type: REQUEST.hello, payload: new Uint8Array() });

/** Asks for the hello at odd moments, and notes in which cycle the board sends which byte. */
function transcript(flash: Uint8Array, run: (chip: Chip) => void): [number, number][] {
  const chip = powerOn(flash, CLOCK, AVR_CHIPS.atmega328p);
  const sent: [number, number][] = [];
  chip.usart.onByteTransmit = (byte) => sent.push([chip.cpu.cycles, byte]);
  for (let question = 0; question < 3; question++) {
    HELLO.forEach((byte, i) => {
      const arrival = 60_000 + question * 97_531 + i * 1_389;
      chip.cpu.addClockEvent(() => chip.usart.writeByte(byte, true), arrival);
    });
  }
  run(chip);
  return sent.filter(([cycle]) => cycle < CYCLES);
}

test.each(['avr-gcc', 'arduino-core'] as const)(
  'skipping the rounds of a waiting loop changes no cycle: %s',
  async (toolchain) => {
    const { directory } = writeStub('uno', { features: 4, outputs: 3, rawType: 'int16' });
    const { hex } = await buildFirmware(directory, { toolchain });
    const flash = flashImage(readFileSync(hex!, 'utf8'), AVR_CHIPS.atmega328p);
    let stepped = 0;
    const plain = transcript(flash, ({ cpu }) => {
      for (; cpu.cycles < CYCLES; stepped++) {
        avrInstruction(cpu);
        do cpu.tick();
        while ((cpu['nextClockEvent']?.cycles ?? Infinity) <= cpu.cycles);
      }
    });
    let waits = false;
    const skipping = transcript(flash, (chip) => {
      while (!waits && chip.cpu.cycles < CYCLES) waits = chip.run(256, () => false);
    });
    expect(plain.length).toBeGreaterThan(4 * 20);
    expect(skipping).toEqual(plain);
    // With the core's millisecond clock there is always something yet to come.
    expect(waits).toBe(toolchain === 'avr-gcc');
    expect(stepped).toBeGreaterThan(100_000);
  },
  60_000,
);

test('what is no Intel hex, or ends beyond the flash, is refused', () => {
  expect(() => flashImage('no hex', AVR_CHIPS.atmega328p)).toThrow();
  expect(() => flashImage(':020000040001F9\n:0100000000FF\n:00000001FF\n', AVR_CHIPS.atmega328p)).toThrow(
    '32768 bytes of flash',
  );
});
