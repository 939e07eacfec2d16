import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AVR_CHIPS } from '../../harness/avr-chip.js';
import { buildFirmware } from '../../harness/build.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSession } from '../../harness/session.js';
import { simulatedAvr } from '../../harness/simulator.js';
import { RAW_TYPES } from '../../model/network.js';
import { OUTPUTS_IN_ANSWER, OUTPUTS_IN_RESULT, featuresPerChunk } from '../../model/protocol.js';
import { faultyBinding } from './fixtures/faulty-binding.js';
import { writeStub, type StubShape } from './fixtures/stub-firmware.js';

/** How busy the line is, in the simulated board's own time, whatever else this computer does meanwhile. */

const CLOCK = 16_000_000;
const BAUD = 115_200;
const SECONDS_PER_BYTE = 10 / BAUD;
const ROWS = 3;
/** Of a question for outputs, and of an acknowledgement. */
const SHORT_FRAME = 10;
/** While a board sends it takes nothing apart: that much of the next row can arrive meanwhile. */
const WAITING = 63;

/**
 * Bytes' times that a row takes at least: in the busier direction, or where what is left of the row cannot come until all
 * answers to the last one have gone.
 */
function leastBytes({ features, outputs, rawType, regression }: StubShape, to: number, from: number): number {
  const chunks = Math.ceil(features / featuresPerChunk(RAW_TYPES[rawType].bytes));
  const questions =
    Math.ceil(Math.max(0, outputs - OUTPUTS_IN_RESULT) / OUTPUTS_IN_ANSWER) +
    (regression ? Math.ceil(outputs / OUTPUTS_IN_ANSWER) : 0);
  const answers = from - (chunks - 1) * SHORT_FRAME;
  const late = Math.max(0, to - questions * SHORT_FRAME - WAITING);
  return Math.max(to, from, answers + late);
}

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
      busy: (ROWS * leastBytes(shape, toBoard / ROWS, fromBoard / ROWS) * SECONDS_PER_BYTE) / seconds,
    };
  } finally {
    await closePort(port);
  }
}

const image = { features: 784, outputs: 1, rawType: 'uint8' } as const;
const readings = { features: 4, outputs: 3, rawType: 'int16' } as const;
const oneTarget = { features: 4, outputs: 1, rawType: 'int16', regression: true } as const;
const letters = { ...readings, outputs: 26 } as const;

test.each([
  ['avr-gcc', image],
  ['arduino-core', image],
  ['avr-gcc', readings],
  ['arduino-core', readings],
  ['avr-gcc', oneTarget],
  ['arduino-core', oneTarget],
  ['avr-gcc', { ...oneTarget, features: 8 }],
  ['avr-gcc', { ...oneTarget, features: 30, outputs: 3 }],
  ['avr-gcc', { ...oneTarget, features: 60, outputs: 14 }],
  ['avr-gcc', letters],
  ['arduino-core', letters],
] as const)(
  '%s, %j: at 115,200 baud a row takes no more than a seventh longer than the line must have',
  async (toolchain, shape) => {
    const { retries, busy } = await measure(shape, toolchain);
    expect(retries).toBe(0);
    expect(busy).toBeGreaterThan(0.85);
    expect(busy).toBeLessThanOrEqual(1);
  },
  120_000,
);
