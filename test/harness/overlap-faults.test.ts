import { expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { hostProcessBinding } from '../../harness/host-process.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSession } from '../../harness/session.js';
import { verifyRows } from '../../harness/verify.js';
import { predict } from '../../model/infer.js';
import { BYTE_FAULTS, byteFault, faultyBinding } from './fixtures/faulty-binding.js';
import { writeStub, type StubShape } from './fixtures/stub-firmware.js';

/** One damaged byte at every position of two rows, the second of which begins while the first is answered. */

/** Short, so that a lost frame is soon asked for again; a slow machine only asks once more. */
const timing = { boot: 100, answer: 30, run: 60, attempts: 50 };

const rowOf = (seed: number, features: number): Int32Array =>
  Int32Array.from({ length: features }, (_, i) => ((i * 7919 + seed * 104_729) % 1800) - 900);

/** Of one frame and of two; with more outputs than the answer to RUN holds; of a regression, which is asked for its values. */
const ON_THE_HEELS: readonly StubShape[] = [
  { features: 4, outputs: 3, rawType: 'int16' },
  { features: 30, outputs: 3, rawType: 'int16' },
  { features: 4, outputs: 26, rawType: 'int16' },
  { features: 4, outputs: 1, rawType: 'int16', regression: true },
];

test.concurrent.each(
  ON_THE_HEELS.flatMap((shape) =>
    Object.entries(BYTE_FAULTS).map(([name, fault]) => [shape, name, fault] as const),
  ),
)(
  '54: rows of %j that follow on the heels of each other, one byte %s',
  async (shape, _, fault) => {
    const stub = writeStub('host', shape);
    const { elf } = await buildFirmware(stub.directory);
    const rows = [0, 1].map((seed) => rowOf(seed, shape.features));
    for (const direction of ['toBoard', 'fromBoard'] as const) {
      const damage = byteFault(fault);
      const port = await openPort(
        faultyBinding(hostProcessBinding, {
          ...(direction === 'toBoard' && { toBoard: (bytes, write) => write(damage.apply(bytes)) }),
          // In pieces, so that an answer has begun before it has come.
          fromBoard: (bytes) => {
            const arrived = direction === 'fromBoard' ? damage.apply(bytes) : bytes;
            return [arrived.slice(0, 1), arrived.slice(1)];
          },
        }),
        elf,
        115_200,
      );
      try {
        const options = { modelHash: stub.modelHash, baudRate: 115_200, timing };
        const session = await openSession(port, options);
        const verify = () => verifyRows(session, rows, (row) => predict(stub.model, rows[row]), null);
        damage.arm(-1);
        await verify();
        const length = damage.count;
        for (let position = 0; position < length; position++) {
          damage.arm(position);
          expect(await verify()).toMatchObject({ rows: 2, mismatches: 0, linkDoubts: 0, stoppedBy: null });
        }
      } finally {
        await closePort(port);
      }
    }
  },
  60_000,
);
