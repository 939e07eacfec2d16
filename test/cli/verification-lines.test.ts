import pc from 'picocolors';
import { expect, test } from 'vitest';
import { failedVerification, verificationLines } from '../../cli/verification-summary.js';
import { tinyModel } from '../support/tiny-model.js';

const STOPPED = { kind: 'toolchain', code: 'disconnected', message: 'gone' } as const;

test.each([
  ['/dev/ttyACM0', 10, 40, null, 'stack  40 bytes at most'],
  ['/dev/ttyACM0', 10, null, null, 'stack  unknown: the firmware on this board cannot tell'],
  ['host', 10, null, null, null],
  ['/dev/ttyACM0', 10, null, STOPPED, null],
  ['/dev/ttyACM0', 0, null, null, null],
])('what is said of the stack: on %s, %i rows, %s bytes', (on, rows, stackBytes, stoppedBy, line) => {
  const run = { board: 'giga', on, modelHash: '0'.repeat(64), total: 10, session: null, stoppedBy };
  const report = { ...failedVerification(run), rows, stackBytes };
  const said = verificationLines(report, tinyModel(), pc.createColors(false));
  expect(said.find((each) => each.startsWith('stack')) ?? null).toBe(line);
});
