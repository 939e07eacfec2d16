import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import type { BindingInterface } from '../../harness/binding.js';
import { hostProcessBinding } from '../../harness/host-process.js';
import { closePort, openPort, type Port } from '../../harness/port.js';
import { openSession, type Session, type Timing } from '../../harness/session.js';
import { AVR_CHIPS } from '../../harness/avr-chip.js';
import { simulatedAvr } from '../../harness/simulator.js';
import { verifyRows } from '../../harness/verify.js';
import { predict } from '../../model/infer.js';
import { BOOT_SEQUENCE, REQUEST, encodeFrame, frameDecoder } from '../../model/protocol.js';
import { BYTE_FAULTS, byteFault, faultyBinding, type Faults } from './fixtures/faulty-binding.js';
import { writeStub, type Stub } from './fixtures/stub-firmware.js';

/** Three chunks of features and two answers full of outputs: every kind of frame occurs. */
const SHAPE = { features: 60, outputs: 14, rawType: 'int16' } as const;
/** Two chunks: the simulator takes its time. */
const UNO_SHAPE = { ...SHAPE, features: 30 } as const;
const UNO_CLOCK = 16_000_000;
/** Short, so that a lost frame is soon asked for again; a slow machine only asks once more. */
const IMPATIENT: Partial<Timing> = { boot: 100, answer: 30, run: 60, attempts: 50 };

const host: { stub: Stub; program: string } = { stub: writeStub('host', SHAPE), program: '' };
const uno: { stub: Stub; hex: string } = { stub: writeStub('uno', UNO_SHAPE), hex: '' };
const ports = new Map<Session, Port>();

beforeAll(async () => {
  const [program, sketch] = await Promise.all([host, uno].map(({ stub }) => buildFirmware(stub.directory)));
  host.program = program.elf;
  uno.hex = readFileSync(sketch.hex!, 'utf8');
}, 60_000);

afterAll(() => Promise.all([...ports.values()].map(closePort)));

async function connect(
  binding: BindingInterface,
  stub: Stub,
  timing: Partial<Timing> = IMPATIENT,
): Promise<Session> {
  const port = await openPort(binding, stub === host.stub ? host.program : 'simulator', 115_200);
  const session = await openSession(port, { modelHash: stub.modelHash, baudRate: 115_200, timing });
  ports.set(session, port);
  return session;
}

const rowOf = (seed: number, features: number = SHAPE.features): Int32Array =>
  Int32Array.from({ length: features }, (_, i) => ((i * 7919 + seed * 104_729) % 1800) - 900);

async function checkRow(session: Session, seed: number): Promise<void> {
  const { features } = session.hello;
  const { model } = features === SHAPE.features ? host.stub : uno.stub;
  const { class: best, outputs } = await session.run(rowOf(seed, features));
  const expected = predict(model, rowOf(seed, features));
  expect({ best, outputs }).toEqual({ best: expected.class, outputs: expected.outputs });
}

/** What `count` says of a row on which nothing was asked twice: on a busy machine that takes a few tries. */
async function rowLength(session: Session, start: () => void, count: () => number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { retries } = session;
    start();
    await checkRow(session, 0);
    if (session.retries === retries) return count();
  }
  throw new Error('every row needed a retry, though nothing was damaged');
}

const hostWith = (faults: Faults): Promise<Session> =>
  connect(faultyBinding(hostProcessBinding, faults), host.stub);

describe('54: one damaged byte at every position of a row, in either direction', () => {
  for (const [name, fault] of Object.entries(BYTE_FAULTS)) {
    test.concurrent.each(['toBoard', 'fromBoard'] as const)(
      `${name}, %s`,
      async (direction) => {
        const damage = byteFault(fault);
        const session = await hostWith({
          ...(direction === 'toBoard' && { toBoard: (bytes, write) => write(damage.apply(bytes)) }),
          ...(direction === 'fromBoard' && { fromBoard: (bytes) => [damage.apply(bytes)] }),
        });
        const length = await rowLength(
          session,
          () => damage.arm(-1),
          () => damage.count,
        );
        expect(length).toBeGreaterThan(90);
        const retriesBefore = session.retries;
        for (let position = 0; position < length; position++) {
          damage.arm(position);
          await checkRow(session, position);
        }
        // Only a delimiter more or less can pass unnoticed, and there are two to each of four frames.
        expect(session.retries - retriesBefore).toBeGreaterThanOrEqual(length - 16);
      },
      60_000,
    );
  }
});

test('54: one damaged byte at every position of the hello', async () => {
  const cases = Object.values(BYTE_FAULTS).flatMap((fault) =>
    Array.from({ length: 28 }, (_, position) => async () => {
      const damage = byteFault(fault);
      damage.arm(position);
      const session = await hostWith({ fromBoard: (bytes) => [damage.apply(bytes)] });
      await checkRow(session, position);
      await closePort(ports.get(session)!);
    }),
  );
  const worker = async (): Promise<void> => {
    for (let next = cases.shift(); next; next = cases.shift()) await next();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}, 60_000);

test('53: noise before the hello is skipped', async () => {
  const noise = [...'ets Jul 29 2019 12:21:46\r\nrst:0x1 (POWERON)\0\0'].map((letter) =>
    letter.charCodeAt(0),
  );
  for (let end = 0; end <= noise.length; end++) {
    let first = true;
    const session = await connect(
      faultyBinding(simulatedAvr(uno.hex, UNO_CLOCK, AVR_CHIPS.atmega328p).binding, {
        fromBoard(bytes) {
          const boot = first ? noise.slice(0, end) : [];
          first = false;
          return [Uint8Array.of(...boot, ...bytes)];
        },
      }),
      uno.stub,
    );
    if (end % 8 === 0) await checkRow(session, end);
    await closePort(ports.get(session)!);
  }
});

describe('55: split and merged frames', () => {
  test.each([1, 2, 3, 7, 63])('reads and writes of %i bytes', async (size) => {
    const split = (bytes: Uint8Array): Uint8Array[] =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size));
    const session = await hostWith({
      async toBoard(bytes, write) {
        for (const piece of split(bytes)) await write(piece);
      },
      fromBoard: split,
    });
    for (let row = 0; row < 5; row++) await checkRow(session, row);
  });

  test('every question twice in one write', async () => {
    const session = await hostWith({ toBoard: (bytes, write) => write(Uint8Array.of(...bytes, ...bytes)) });
    for (let row = 0; row < 20; row++) await checkRow(session, row);
    expect(session.retries).toBeLessThan(20);
  });
});

test('56: late duplicates of earlier answers are dropped by their sequence number', async () => {
  const decoder = frameDecoder();
  let duplicates = 0;
  const late: Uint8Array[] = [];
  const session = await hostWith({
    fromBoard(bytes) {
      const answers = decoder.push(bytes).map(encodeFrame);
      late.push(...answers);
      // Each answer is preceded by all of the six before it, in the same read.
      const merged = answers.length > 0 ? late.slice(-7) : [];
      duplicates += Math.max(0, merged.length - answers.length);
      return [Uint8Array.from(merged.flatMap((frame) => [...frame]))];
    },
  });
  for (let row = 0; row < 20; row++) await checkRow(session, row);
  expect(duplicates).toBeGreaterThan(300);
});

test.each([true, false])(
  '57: a reset at any byte of a row costs no more than that row; hello heard: %s',
  async (heard) => {
    const { binding, board } = simulatedAvr(uno.hex, UNO_CLOCK, AVR_CHIPS.atmega328p);
    const decoder = frameDecoder();
    let lose = false;
    let position = -1;
    let count = 0;
    const session = await connect(
      faultyBinding(binding, {
        async toBoard(bytes, write) {
          const strike = position - count;
          count += bytes.length;
          if (strike < 0 || strike >= bytes.length) return write(bytes);
          position = -1;
          await write(bytes.subarray(0, strike));
          board.reset();
          await write(bytes.subarray(strike));
        },
        fromBoard(bytes) {
          const frames = decoder.push(bytes).filter((frame) => !lose || frame.sequence !== BOOT_SEQUENCE);
          return frames.map(encodeFrame);
        },
      }),
      uno.stub,
      { ...IMPATIENT, answer: 60, run: 120, attempts: 200 }, // a simulated board takes its time on a busy machine
    );
    const length = await rowLength(
      session,
      () => (count = 0),
      () => count,
    );
    expect(length).toBeGreaterThan(80);
    lose = !heard;
    for (let at = 0; at < length; at++) {
      count = 0;
      position = at;
      await checkRow(session, at);
      expect(position).toBe(-1);
    }
    expect(session.retries).toBeGreaterThan(length / 2);
  },
  60_000,
);

test('62: opening resets the board, and nothing is sent before its hello', async () => {
  const sent: number[] = [];
  const { binding } = simulatedAvr(uno.hex, UNO_CLOCK, AVR_CHIPS.atmega328p);
  let heard = 0;
  const session = await connect(
    faultyBinding(binding, {
      toBoard(bytes, write) {
        sent.push(heard);
        return write(bytes);
      },
      fromBoard(bytes) {
        heard += bytes.length;
        return [bytes];
      },
    }),
    uno.stub,
    { boot: 20_000 },
  );
  expect(session.hello.clockHz).toBe(UNO_CLOCK);
  expect(sent).toEqual([]);
  await checkRow(session, 1);
});

test('65: damage that the CRC does not notice is a doubt about the link, not about the board', async () => {
  let damaged = false;
  const session = await hostWith({
    toBoard(bytes, write) {
      const [frame] = frameDecoder().push(bytes);
      if (damaged || frame?.type !== REQUEST.data) return write(bytes);
      damaged = true;
      const payload = frame.payload.slice();
      payload[2] ^= 0x40;
      return write(encodeFrame({ ...frame, payload }));
    },
  });
  const rows = [rowOf(1), rowOf(2), rowOf(3)];
  const result = await verifyRows(session, rows, (row) => predict(host.stub.model, rows[row]), null);
  expect(damaged).toBe(true);
  expect(result).toMatchObject({ rows: 3, mismatches: 0, linkDoubts: 1, stoppedBy: null });
});
