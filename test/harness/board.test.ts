import { expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { hostProcessBinding } from '../../harness/host-process.js';
import { DAMAGE, openLink } from '../../harness/link.js';
import { closePort, openPort } from '../../harness/port.js';
import { predict } from '../../model/infer.js';
import { encodeFrame } from '../../model/protocol.js';
import { writeStub } from './fixtures/stub-firmware.js';

const RESTART_ROW = [0xff, 1];
const BAD_REQUEST = [0xff, 2];
const i32 = (value: number): number[] => [...new Uint8Array(Int32Array.of(value).buffer)];
/** All features are 5 steps above the lowest raw value. */
const raw = (count: number): number[] => Array.from({ length: count }, () => [0x41, 0xfc]).flat(); // -959

test('the board answers every question as documented, in any order', async () => {
  const { directory, model, modelHash } = writeStub('host', { features: 30, outputs: 14, rawType: 'int16' });
  const { class: best, outputs } = predict(model, new Int32Array(30).fill(-959));
  const result = [0x83, best, 0, 0, 0, 0, ...[...outputs.subarray(0, 12)].flatMap(i32)];
  const hash = [...Buffer.from(modelHash.slice(0, 16), 'hex')];
  const hello = [0x81, 2, ...hash, 30, 0, 14, 0, 14, 0, 2, 0, 0, 0, 0];
  const lastOutputs = [0x84, 12, 0, ...i32(outputs[12]), ...i32(outputs[13])];

  const start = [2, 0, 0, ...raw(27)];
  const end = [3, 27, 0, ...raw(3)];
  /** Type and payload of each question, type and payload of its answer, and its number where that matters. */
  const conversation: [string, number[], number[], number?][] = [
    ['the end of a row without its start', end, RESTART_ROW],
    ['outputs without a row', [4, 0, 0], RESTART_ROW],
    ['the start of a row', start, [0x82, 27, 0]],
    ['run with half a row', [3, 0, 0, ...raw(27)], RESTART_ROW, 50],
    ['the same again', [3, 0, 0, ...raw(27)], RESTART_ROW, 50],
    ['a gap', [2, 28, 0, ...raw(2)], RESTART_ROW],
    ['more features than there are', [2, 27, 0, ...raw(4)], BAD_REQUEST],
    ['half a feature', [2, 27, 0, ...raw(1), 0], BAD_REQUEST],
    ['data without a position', [2, 27], BAD_REQUEST],
    ['run without a position', [3], BAD_REQUEST],
    ['the middle of the row', [2, 27, 0, ...raw(2)], [0x82, 29, 0], 60],
    ['the middle again', [2, 27, 0, ...raw(2)], [0x82, 29, 0], 60],
    ['the middle under another number', [2, 27, 0, ...raw(2)], RESTART_ROW],
    ['outputs before run', [4, 0, 0], RESTART_ROW],
    ['the end of the row', [3, 29, 0, ...raw(1)], result, 70],
    ['the end again', [3, 29, 0, ...raw(1)], result, 70],
    ['the end under another number', [3, 29, 0, ...raw(1)], RESTART_ROW],
    ['the last outputs', [4, 12, 0], lastOutputs],
    ['outputs beyond the end', [4, 14, 0], BAD_REQUEST],
    ['outputs without a position', [4], BAD_REQUEST],
    ['an unknown question', [9, 1, 2, 3], BAD_REQUEST],
    ['how deep the stack is, which a computer cannot tell', [6], [0x86, 0, 0, 0, 0]],
    ['the row is still there', [4, 12, 0], lastOutputs],
    ['the end of another row, whose start was lost', end, RESTART_ROW],
    ['another row begins', [2, 0, 0, ...raw(1)], [0x82, 1, 0]],
    ['the old outputs are gone', [4, 12, 0], RESTART_ROW],
    ['hello', [1], hello],
    ['which forgets the row', [2, 1, 0, ...raw(1)], RESTART_ROW],
  ];

  const { elf } = await buildFirmware(directory);
  const port = await openPort(hostProcessBinding, elf, 115_200);
  try {
    const link = openLink(port);
    for (const [i, [what, [type, ...payload], answer, sequence = i + 1]] of conversation.entries()) {
      link.send({ sequence, type, payload: Uint8Array.from(payload) });
      const got = await link.receive(
        (event) => (event !== DAMAGE && event.sequence === sequence ? event : null),
        5_000,
      );
      expect([what, got?.type, ...(got?.payload ?? [])]).toEqual([what, ...answer]);
    }
  } finally {
    await closePort(port);
  }
});

test('what is no frame is answered with the wish to hear it again, and silence with silence', async () => {
  const { directory } = writeStub('host', { features: 1, outputs: 1, rawType: 'uint8' });
  const { elf } = await buildFirmware(directory);
  const port = await openPort(hostProcessBinding, elf, 115_200);
  const link = openLink(port);
  const next = () => link.receive((event) => (event === DAMAGE ? null : event), 5_000);
  try {
    expect(await next()).toMatchObject({ sequence: 0, type: 0x81 });
    const good = encodeFrame({ sequence: 9, type: 6, payload: new Uint8Array() });
    port.write(Buffer.of(0, 0, 1, 0, 5, 0x5a, 0, ...Array<number>(90).fill(7), ...good));
    for (let k = 0; k < 3; k++)
      expect(await next()).toEqual({ sequence: 0, type: 0xff, payload: Uint8Array.of(3) });
    expect(await next()).toMatchObject({ sequence: 9, type: 0x86 });
  } finally {
    await closePort(port);
  }
});
