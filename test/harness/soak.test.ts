import { expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { hostProcessBinding } from '../../harness/host-process.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSession } from '../../harness/session.js';
import { verifyRows } from '../../harness/verify.js';
import { predict } from '../../model/infer.js';
import { createRandom } from '../../model/random.js';
import { BYTE_FAULTS, faultyBinding } from './fixtures/faulty-binding.js';
import { writeStub, type StubShape } from './fixtures/stub-firmware.js';

/** A line that damages one byte in a thousand, in both directions. The whole soak: SOAK_ROWS=100000 */

const ROWS = Number(process.env.SOAK_ROWS ?? 10_000);
const DAMAGED_SHARE = 1 / 1000;

/** Of the heap, however many rows there are: what is kept of each row is a number or two. */
const MOST_GROWTH = 128 << 20;

// Of one frame and of two, and of a regression, which is also asked for its values.
test.each<[number, StubShape]>([
  [ROWS * 0.5, { features: 4, outputs: 3, rawType: 'int16' }],
  [ROWS * 0.2, { features: 30, outputs: 3, rawType: 'int16' }],
  [ROWS * 0.3, { features: 4, outputs: 1, rawType: 'int16', regression: true }],
])(
  '%i rows of %j over a line that damages one byte in a thousand',
  async (count, shape) => {
    const { features } = shape;
    const stub = writeStub('host', shape);
    const { elf } = await buildFirmware(stub.directory);
    const random = createRandom(1000);
    const faults = Object.values(BYTE_FAULTS);
    let struck = 0;
    const damage = (bytes: Uint8Array): Uint8Array =>
      Uint8Array.from(
        [...bytes].flatMap((byte) => {
          if (random.uniform() >= DAMAGED_SHARE) return [byte];
          return faults[struck++ % faults.length](byte);
        }),
      );
    const binding = faultyBinding(hostProcessBinding, {
      toBoard: (bytes, write) => write(damage(bytes)),
      fromBoard: (bytes) => [damage(bytes)],
    });
    const raw = Int32Array.from({ length: count * features }, (_, k) => ((k * 7919) % 3001) - 1500);
    const rowAt = (row: number): Int32Array => raw.subarray(row * features, (row + 1) * features);
    function* rows(): Generator<Int32Array> {
      for (let row = 0; row < count; row++) yield rowAt(row);
    }
    const port = await openPort(binding, elf, 115_200);
    try {
      // A delimiter that is lost is only missed when the answer is late.
      const timing = { boot: 200, answer: 20, run: 20, attempts: 100 };
      const session = await openSession(port, { modelHash: stub.modelHash, baudRate: null, timing });
      const expected = (row: number) => predict(stub.model, rowAt(row));
      const heap = process.memoryUsage().heapUsed;
      let growth = 0;
      const watch = (row: number): void => {
        if (row % 500 === 0) growth = Math.max(growth, process.memoryUsage().heapUsed - heap);
      };
      const result = await verifyRows(session, rows(), expected, null, watch);
      expect(growth).toBeLessThan(MOST_GROWTH);
      expect(result).toMatchObject({ rows: count, mismatches: 0, firstMismatches: [], stoppedBy: null });
      expect(struck).toBeGreaterThan((count * features) / 300);
      expect(session.retries).toBeGreaterThan(struck / 2);
      expect(result.linkDoubts).toBeLessThan(5);
    } finally {
      await closePort(port);
    }
  },
  600_000,
);
