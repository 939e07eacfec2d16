import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AVR_CHIPS } from '../../harness/avr-chip.js';
import { buildFirmware } from '../../harness/build.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSession } from '../../harness/session.js';
import { simulatedAvr } from '../../harness/simulator.js';
import { faultyBinding } from './fixtures/faulty-binding.js';
import { writeStub, type StubShape } from './fixtures/stub-firmware.js';

/** How busy the line is, in the simulated board's own time, whatever else this computer does meanwhile. */

const CLOCK = 16_000_000;
const BAUD = 115_200;
const SECONDS_PER_BYTE = 10 / BAUD;
const ROWS = 3;

async function measure(shape: StubShape, toolchain: 'avr-gcc' | 'arduino-core') {
  const stub = writeStub('uno', shape);
  const { hex } = await buildFirmware(stub.directory, { toolchain });
  const { binding, board } = simulatedAvr(readFileSync(hex!, 'utf8'), CLOCK, AVR_CHIPS.atmega328p);
  let toBoard = 0;
  let fromBoard = 0;
  const counted = faultyBinding(binding, {
    toBoard: (bytes, write) => {
      toBoard += bytes.length;
      return write(bytes);
    },
    fromBoard: (bytes) => {
      fromBoard += bytes.length;
      return [bytes];
    },
  });
  const port = await openPort(counted, 'simulator', BAUD);
  try {
    const timing = { boot: 20_000, answer: 20_000, run: 20_000 };
    const session = await openSession(port, { modelHash: stub.modelHash, baudRate: BAUD, timing });
    const row = Int32Array.from({ length: shape.features }, (_, i) => (i * 37) % 200);
    await session.run(row);
    const start = board.cycles;
    toBoard = 0;
    fromBoard = 0;
    let computing = 0;
    for (let k = 0; k < ROWS; k++) computing += (await session.run(row)).cycles;
    const seconds = (board.cycles - start - computing) / CLOCK;
    return {
      retries: session.retries,
      there: (toBoard * SECONDS_PER_BYTE) / seconds,
      both: ((toBoard + fromBoard) * SECONDS_PER_BYTE) / seconds,
    };
  } finally {
    await closePort(port);
  }
}

test.each([
  ['avr-gcc', { features: 784, outputs: 1, rawType: 'uint8' }, 0.85],
  ['arduino-core', { features: 784, outputs: 1, rawType: 'uint8' }, 0.85],
  // A short row is a question and its answer, and nothing may arrive while the board counts its cycles.
  ['avr-gcc', { features: 4, outputs: 3, rawType: 'int16' }, 0.3],
] as const)(
  '%s, %j: at 115,200 baud the line is within 15 %% of its limit',
  async (toolchain, shape, least) => {
    const { retries, there, both } = await measure(shape, toolchain);
    expect(retries).toBe(0);
    expect(there).toBeGreaterThan(least);
    expect(both).toBeGreaterThan(0.85);
  },
  120_000,
);
