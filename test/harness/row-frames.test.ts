import { expect, test } from 'vitest';
import { DAMAGE, type LinkEvent } from '../../harness/link.js';
import { nothingYet, readReply, rowFrames } from '../../harness/row-frames.js';
import { NAK } from '../../model/protocol.js';

/** What each event says of a row of two frames of features, with 26 outputs: RUN's answer holds 12, OUTPUTS brings 13 and 1. */

const hello = {
  version: 2,
  modelHash: '',
  features: 30,
  outputs: 26,
  classes: 26,
  rawBytes: 2,
  clockHz: 0,
};
let sequence = 0;
const frames = rowFrames(new Int32Array(30), hello, () => ++sequence);
const words = (...values: number[]): number[] => values.flatMap((value) => [value, 0, 0, 0]);
const event = (number: number, type: number, ...payload: number[]): LinkEvent => ({
  sequence: number,
  type,
  payload: Uint8Array.from(payload),
});
const result = event(2, 0x83, 7, ...words(99), ...words(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
const thirteen = event(3, 0x84, 12, 0, ...words(13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25));
const last = event(4, 0x84, 25, 0, ...words(26));

test('the questions of the row', () => {
  expect(frames.map(({ sequence: number, type, end }) => [number, type, end])).toEqual([
    [1, 0x02, 27],
    [2, 0x03, 30],
    [3, 0x04, 25],
    [4, 0x04, 26],
  ]);
  expect([...frames[3].payload]).toEqual([25, 0]);
});

test.each<[string, LinkEvent, [number, number], object | null]>([
  ['an acknowledgement', event(1, 0x82, 27, 0), [0, 2], { says: 'arrived', index: 0 }],
  ['one of another chunk', event(1, 0x82, 54, 0), [0, 2], null],
  ['a result, which stands for the features before', result, [0, 2], { says: 'arrived', index: 1 }],
  ['a result with too few outputs', event(2, 0x83, 7, ...words(99, 1)), [1, 2], null],
  ['outputs', thirteen, [2, 3], { says: 'arrived', index: 2 }],
  ['outputs from elsewhere', event(3, 0x84, 13, 0, ...words(14)), [2, 3], null],
  ['the last outputs, while those before are missing', last, [2, 4], { says: 'damage' }],
  ['an answer to what has not been asked', last, [2, 3], null],
  ['an answer that came before', result, [2, 3], null],
  ['a refusal of the oldest', event(3, NAK, 1), [2, 4], { says: 'lost-row' }],
  ['a refusal of a later one', event(4, NAK, 1), [2, 4], { says: 'damage' }],
  ['damage that the board saw', event(0, NAK, 3), [0, 2], { says: 'damage' }],
  ['damage that we saw', DAMAGE, [0, 2], { says: 'damage' }],
])('%s', (_, heard, underWay, reply) => {
  expect(readReply(heard, frames, underWay, nothingYet(hello))).toEqual(reply);
});

test('what is gathered', () => {
  const gathered = nothingYet(hello);
  for (const [k, heard] of [result, thirteen, last].entries())
    readReply(heard, frames, [k + 1, k + 2], gathered);
  expect(gathered).toEqual({
    class: 7,
    cycles: 99,
    outputs: Int32Array.from({ length: 26 }, (_, k) => k + 1),
    values: new Int32Array(0),
  });
});
