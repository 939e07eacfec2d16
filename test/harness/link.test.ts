import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { openLink } from '../../harness/link.js';
import type { Port } from '../../harness/port.js';
import { encodeFrame } from '../../model/protocol.js';

/** When an answer counts as begun, however the driver cuts what comes into pieces. */

const frame = { sequence: 7, type: 0x81, payload: Uint8Array.of(1, 0, 2) };
const bytes = Buffer.from(encodeFrame(frame));

/** A link that has read one frame that came in these pieces, and whether the next one had begun by then. */
async function isBegunAfter(...pieces: Buffer[]): Promise<boolean> {
  const port = new EventEmitter();
  const link = openLink(port as unknown as Port);
  for (const piece of pieces) port.emit('data', piece);
  expect(await link.receive((event) => event, 100)).toMatchObject({ sequence: 7 });
  let isHeard = false;
  link.whenHeard(() => (isHeard = true));
  return isHeard;
}

test('a frame that is whole begins no other, wherever it is cut', async () => {
  expect(await isBegunAfter(bytes)).toBe(false);
  for (let at = 1; at < bytes.length; at++)
    expect(await isBegunAfter(bytes.subarray(0, at), bytes.subarray(at)), `cut at ${at}`).toBe(false);
});

test('the first byte of the next one begins it, whether it comes along or alone', async () => {
  for (let at = 1; at <= bytes.length; at++) {
    const next = Buffer.concat([bytes.subarray(at), bytes.subarray(0, 1)]);
    expect(await isBegunAfter(bytes.subarray(0, at), next), `cut at ${at}`).toBe(true);
  }
});
