import { expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { hostProcessBinding } from '../../harness/host-process.js';
import { openLink } from '../../harness/link.js';
import { closePort, openPort } from '../../harness/port.js';
import { predict } from '../../model/infer.js';
import { writeStub } from './fixtures/stub-firmware.js';

const RESTART_ROW = [0xff, 1];
const BAD_REQUEST = [0xff, 2];
const i32 = (value: number): number[] => [...new Uint8Array(Int32Array.of(value).buffer)];
/** All features are 5 steps above the lowest raw value. */
const raw = (count: number): number[] => Array.from({ length: count }, () => [0x41, 0xfc]).flat(); // -959

test('the board answers every question as documented, in any order', async () => {
  const { directory, model } = writeStub('host', { features: 30, outputs: 14, rawType: 'int16' });
  const { class: best, outputs } = predict(model, new Int32Array(30).fill(-959));
  const result = [0x83, best, 0, 0, 0, 0, ...[...outputs.subarray(0, 12)].flatMap(i32)];
  const lastOutputs = [0x84, 12, 0, ...i32(outputs[12]), ...i32(outputs[13])];

  /** Type and payload of each question, type and payload of its answer. */
  const conversation: [string, number[], number[]][] = [
    ['the end of a row without its start', [2, 27, 0, ...raw(3)], RESTART_ROW],
    ['run without a row', [3], RESTART_ROW],
    ['outputs without a row', [4, 0, 0], RESTART_ROW],
    ['the start of a row', [2, 0, 0, ...raw(27)], [0x82, 27, 0]],
    ['run with half a row', [3], RESTART_ROW],
    ['a gap', [2, 28, 0, ...raw(2)], RESTART_ROW],
    ['more features than there are', [2, 27, 0, ...raw(4)], BAD_REQUEST],
    ['half a feature', [2, 27, 0, ...raw(1), 0], BAD_REQUEST],
    ['data without a position', [2, 27], BAD_REQUEST],
    ['the end of the row', [2, 27, 0, ...raw(3)], [0x82, 30, 0]],
    ['the same again', [2, 27, 0, ...raw(3)], [0x82, 30, 0]],
    ['outputs before run', [4, 0, 0], RESTART_ROW],
    ['run', [3], result],
    ['run again', [3], result],
    ['the last outputs', [4, 12, 0], lastOutputs],
    ['outputs beyond the end', [4, 14, 0], BAD_REQUEST],
    ['outputs without a position', [4], BAD_REQUEST],
    ['an unknown question', [9, 1, 2, 3], BAD_REQUEST],
    ['the row is still there', [3], result],
    ['another row begins', [2, 0, 0, ...raw(1)], [0x82, 1, 0]],
    ['the old outputs are gone', [4, 12, 0], RESTART_ROW],
    ['run with a part of the new row', [3], RESTART_ROW],
  ];

  const { elf } = await buildFirmware(directory);
  const port = await openPort(hostProcessBinding, elf, 115_200);
  try {
    const link = openLink(port);
    for (const [i, [what, [type, ...payload], answer]] of conversation.entries()) {
      link.send({ sequence: i + 1, type, payload: Uint8Array.from(payload) });
      const got = await link.receive((frame) => (frame.sequence === i + 1 ? frame : null), 5_000);
      expect([what, got?.type, ...(got?.payload ?? [])]).toEqual([what, ...answer]);
    }
  } finally {
    await closePort(port);
  }
});
