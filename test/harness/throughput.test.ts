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
    const rowOf = (k: number) => Int32Array.from({ length: shape.features }, (_, i) => (i * 37 + k) % 200);
    const rows = Array.from({ length: ROWS + 2 }, (_, k) => rowOf(k));
    await session.run(rows[0], rows[1]);
    const start = board.cycles;
    toBoard = 0;
    fromBoard = 0;
    let computing = 0;
    for (let k = 0; k < ROWS; k++) computing += (await session.run(rows[k + 1], rows[k + 2])).cycles;
    const seconds = (board.cycles - start - computing) / CLOCK;
    return {
      retries: session.retries,
      busier: (Math.max(toBoard, fromBoard) * SECONDS_PER_BYTE) / seconds,
    };
  } finally {
    await closePort(port);
  }
}

test.each([
  ['avr-gcc', { features: 784, outputs: 1, rawType: 'uint8' }],
  ['arduino-core', { features: 784, outputs: 1, rawType: 'uint8' }],
  ['avr-gcc', { features: 4, outputs: 3, rawType: 'int16' }],
] as const)(
  '%s, %j: at 115,200 baud the direction that has more to carry is within a seventh of its limit',
  async (toolchain, shape) => {
    const { retries, busier } = await measure(shape, toolchain);
    expect(retries).toBe(0);
    expect(busier).toBeGreaterThan(0.85);
    expect(busier).toBeLessThanOrEqual(1);
  },
  120_000,
);
