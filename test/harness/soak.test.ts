import { expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { hostProcessBinding } from '../../harness/host-process.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSession } from '../../harness/session.js';
import { verifyRows } from '../../harness/verify.js';
import { predict } from '../../model/infer.js';
import { createRandom } from '../../model/random.js';
import { BYTE_FAULTS, faultyBinding } from './fixtures/faulty-binding.js';
import { writeStub } from './fixtures/stub-firmware.js';

/** A line that damages one byte in a thousand, in both directions. The whole soak: SOAK_ROWS=100000 */

const ROWS = Number(process.env.SOAK_ROWS ?? 10_000);
const DAMAGED_SHARE = 1 / 1000;

// Of one frame and of two.
test.each([
  [ROWS * 0.8, 4],
  [ROWS * 0.2, 30],
])(
  '%i rows of %i features over a line that damages one byte in a thousand',
  async (count, features) => {
    const stub = writeStub('host', { features, outputs: 3, rawType: 'int16' });
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
      const result = await verifyRows(session, rows(), expected, null);
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
