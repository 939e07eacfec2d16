import { expect, test } from 'vitest';
import type { Session } from '../../harness/session.js';
import { verifyRows } from '../../harness/verify.js';
import { predict } from '../../model/infer.js';
import { Problem } from '../../model/problem.js';
import { tinyModel } from '../support/tiny-model.js';

/** Which forward passes count: as MLPerf Tiny has it, none on cold caches, and ten at least. */

const model = tinyModel();
const COLD = 9000;

/** A board that takes longer the first time, and whose link fails at its run number `fails`. */
function board(clockHz: number, fails = Infinity): { session: Session; runs: () => number } {
  let runs = 0;
  const run = (raw: Int32Array) => {
    if (++runs >= fails)
      return Promise.reject(new Problem({ kind: 'toolchain', code: 'no-answer', message: 'gone' }));
    return Promise.resolve({ ...predict(model, raw), cycles: runs === 1 ? COLD : 100 + raw[0] });
  };
  const session = { hello: { clockHz }, retries: 0, run } as unknown as Session;
  return { session, runs: () => runs };
}

const verify = (session: Session, count: number) => {
  const rows = Array.from({ length: count }, (_, row) => Int32Array.of(row, 0));
  return verifyRows(session, rows, (row) => predict(model, rows[row]), null);
};

test.each([
  // rows, passes altogether, least, most of the times
  [1, 11, 100, 100],
  [4, 11, 100, 103],
  [10, 11, 100, 109],
  [30, 31, 100, 129],
])('%i rows take %i passes, of which the first is not counted', async (rows, passes, min, max) => {
  const { session, runs } = board(16e6);
  expect(await verify(session, rows)).toMatchObject({ rows, mismatches: 0, cycles: { min, max } });
  expect(runs()).toBe(passes);
});

test('a board without a clock is asked for no pass more', async () => {
  const { session, runs } = board(0);
  expect(await verify(session, 4)).toMatchObject({ rows: 4, cycles: null, stoppedBy: null });
  expect(runs()).toBe(4);
});

test.each([
  [5, { rows: 4, stoppedBy: null, cycles: { max: COLD } }],
  [7, { rows: 4, stoppedBy: null, cycles: { max: 103 } }],
  [3, { rows: 2, stoppedBy: { code: 'no-answer' }, cycles: { max: COLD } }],
])('a link that fails at pass %i, which is the last', async (fails, expected) => {
  const { session, runs } = board(16e6, fails);
  expect(await verify(session, 4)).toMatchObject(expected);
  expect(runs()).toBe(fails);
});
