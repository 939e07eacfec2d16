import { describe, expect, test } from 'vitest';
import {
  MAX_FRAME,
  MAX_PAYLOAD,
  crc16,
  decodeAck,
  decodeHello,
  decodeOutputs,
  decodeResult,
  encodeData,
  encodeFrame,
  encodeOutputsRequest,
  featuresPerChunk,
  frameDecoder,
} from '../../model/protocol.js';

/** xorshift32: any numbers will do, but the same ones each time. */
function randomBytes(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 8) & 0xff;
  };
}

/** COBS straight from the paper's definition: split at the zeros, each block preceded by its length + 1. */
function cobs(body: number[]): number[] {
  const blocks: number[][] = [[]];
  for (const byte of body) {
    if (byte === 0) blocks.push([]);
    else blocks.at(-1)!.push(byte);
  }
  return blocks.flatMap((block) => [block.length + 1, ...block]);
}

const payloads = [
  [],
  [0],
  [0, 0, 0],
  [1, 2, 3],
  [0, 1, 0, 2, 0],
  Array.from({ length: MAX_PAYLOAD }, () => 0),
  Array.from({ length: MAX_PAYLOAD }, (_, i) => 255 - i),
];

describe('frames', () => {
  test('the CRC is CRC-16/CCITT-FALSE', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x29b1);
    expect(crc16(new Uint8Array())).toBe(0xffff);
  });

  test.each(payloads.map((payload) => [payload.length, payload] as const))(
    'a payload of %i bytes is framed as documented and comes back',
    (_, payload) => {
      const frame = { sequence: 7, type: 2, payload: Uint8Array.from(payload) };
      const wire = encodeFrame(frame);
      const checked = [payload.length, 7, 2, ...payload];
      const crc = crc16(Uint8Array.from(checked));
      expect([...wire]).toEqual([0, ...cobs([...checked, crc & 0xff, crc >> 8]), 0]);
      expect(wire.length).toBeLessThanOrEqual(MAX_FRAME);
      expect(frameDecoder().push(wire)).toEqual([frame]);
    },
  );

  test('a payload that is too long is refused', () => {
    expect(() => encodeFrame({ sequence: 1, type: 1, payload: new Uint8Array(MAX_PAYLOAD + 1) })).toThrow(
      '57',
    );
  });

  test('frames are found wherever reads split or merge them', () => {
    const frames = payloads.map((payload, i) => ({
      sequence: i,
      type: 3,
      payload: Uint8Array.from(payload),
    }));
    const wire = Uint8Array.from(frames.flatMap((frame) => [...encodeFrame(frame)]));
    for (let size = 1; size <= wire.length; size++) {
      const decoder = frameDecoder();
      const found = [];
      for (let at = 0; at < wire.length; at += size)
        found.push(...decoder.push(wire.subarray(at, at + size)));
      expect(found).toEqual(frames);
    }
  });

  test('no single damaged byte makes another frame', () => {
    const frame = { sequence: 9, type: 2, payload: Uint8Array.of(0, 1, 2, 0, 4, 5) };
    const wire = encodeFrame(frame);
    for (let at = 0; at < wire.length; at++) {
      for (let flip = 1; flip < 256; flip++) {
        const damaged = wire.slice();
        damaged[at] ^= flip;
        const found = frameDecoder().push(damaged);
        // Where a delimiter was hit, an undamaged frame may remain.
        if (found.length > 0) expect(found).toEqual([frame]);
      }
    }
  });

  test('a frame after any noise is found, and noise makes none', () => {
    const next = randomBytes(12345);
    const decoder = frameDecoder();
    const frame = { sequence: 1, type: 1, payload: Uint8Array.of(42) };
    for (let round = 0; round < 2_000; round++) {
      const noise = Uint8Array.from({ length: next() * 4 }, next);
      expect(decoder.push(noise)).toEqual([]);
      expect(decoder.push(encodeFrame(frame))).toEqual([frame]);
    }
  });

  test('a decoder keeps no more than one frame, however long nothing ends', () => {
    const decoder = frameDecoder();
    const block = new Uint8Array(1 << 16).fill(0x55);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1_000; i++) expect(decoder.push(block)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });
});

describe('messages', () => {
  test('hello', () => {
    const bytes = [2, 0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3, 0x10, 0x03, 10, 0, 0, 1, 2, 0x00, 0x24, 0xf4, 0x00];
    expect(decodeHello(Uint8Array.from(bytes))).toEqual({
      version: 2,
      modelHash: 'deadbeef00010203',
      features: 784,
      outputs: 10,
      classes: 256,
      rawBytes: 2,
      clockHz: 16_000_000,
    });
    expect(decodeHello(Uint8Array.from(bytes.slice(0, 19)))).toBeNull();
    expect(decodeHello(Uint8Array.of(3))?.version).toBe(3);
  });

  test.each([
    [1, [0, 255], [0x0c, 0x02, 0, 255]],
    [2, [-2, 32767], [0x0c, 0x02, 0xfe, 0xff, 0xff, 0x7f]],
    [4, [-2147483648, 1], [0x0c, 0x02, 0, 0, 0, 0x80, 1, 0, 0, 0]],
  ])('data of %i bytes a feature', (rawBytes, raw, bytes) => {
    expect([...encodeData(0x20c, Int32Array.from(raw), rawBytes)]).toEqual(bytes);
    expect(2 + featuresPerChunk(rawBytes) * rawBytes).toBeLessThanOrEqual(MAX_PAYLOAD);
  });

  test('answers', () => {
    expect(decodeAck(Uint8Array.of(0x10, 0x03))).toBe(784);
    expect(decodeAck(Uint8Array.of(1))).toBeNull();
    expect(
      decodeResult(Uint8Array.of(2, 0x40, 0x42, 0x0f, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80)),
    ).toEqual({
      class: 2,
      cycles: 1_000_000,
      outputs: Int32Array.of(-1, -2147483648),
    });
    expect(decodeResult(Uint8Array.of(2, 0, 0, 0, 0))).toBeNull();
    expect(decodeResult(Uint8Array.of(2, 0, 0, 0, 0, 1, 2, 3))).toBeNull();
    expect(decodeOutputs(Uint8Array.of(12, 0, 1, 0, 0, 0))).toEqual({ first: 12, outputs: Int32Array.of(1) });
    expect(decodeOutputs(Uint8Array.of(12))).toBeNull();
    expect([...encodeOutputsRequest(300)]).toEqual([44, 1]);
  });
});
