/**
 * The wire protocol between a computer and a board; docs/protocol.md describes it for people and
 * firmware-templates/link/ is the board's side. All integers are little endian.
 *
 * On the wire a frame is 0x00, COBS(body), 0x00, at most 64 bytes, which an AVR's receive buffer holds.
 * COBS: Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Trans. Networking 7(2), 1999.
 *   body = payload length u8, sequence u8, type u8, payload, CRC-16 u16 over everything before it
 */

export const PROTOCOL_VERSION = 2;
export const MAX_FRAME = 64;
const HEADER = 3;
const CRC_BYTES = 2;
/** Two delimiters and one COBS code byte; a body this short never needs a second one. */
const MAX_BODY = MAX_FRAME - 3;
export const MAX_PAYLOAD = MAX_BODY - HEADER - CRC_BYTES;

/** What the computer asks. The board answers with the same number and the top bit set, or with `NAK`. */
export const REQUEST = {
  hello: 0x01,
  data: 0x02,
  run: 0x03,
  outputs: 0x04,
  values: 0x05,
  stack: 0x06,
} as const;
export type RequestType = (typeof REQUEST)[keyof typeof REQUEST];
export const ANSWER_BIT = 0x80;
export const NAK = 0xff;
/** The payload of a NAK. `damaged` names no question, for the board could not read which one it was. */
export const NAK_REASON = { restartRow: 1, badRequest: 2, damaged: 3 } as const;
/** Sequence number of what a board sends by itself: its hello after a reset, `damaged`. Requests use 1..255. */
export const BOOT_SEQUENCE = 0;
/**
 * Frames of a row that may be under way at once. The board takes one apart while the next one arrives, which is at
 * most 64 bytes: what an AVR's receive buffer holds.
 */
export const WINDOW = 2;

export interface Frame {
  readonly sequence: number;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, no reflection; "123456789" gives 0x29B1. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

/** The bytes on the wire. Both delimiters are sent, so that noise between two frames damages neither. */
export function encodeFrame(frame: Frame): Uint8Array {
  const { sequence, type, payload } = frame;
  if (payload.length > MAX_PAYLOAD)
    throw new Error(`payload of ${payload.length} bytes, at most ${MAX_PAYLOAD}`);
  const body = Uint8Array.of(payload.length, sequence, type, ...payload, 0, 0);
  const crcAt = body.length - CRC_BYTES;
  new DataView(body.buffer).setUint16(crcAt, crc16(body.subarray(0, crcAt)), true);

  const wire = new Uint8Array(body.length + 3); // the zeros at both ends are the delimiters
  let code = 1; // where the distance to the next zero goes
  body.forEach((byte, i) => {
    if (byte === 0) {
      wire[code] = i + 2 - code;
      code = i + 2;
    } else wire[i + 2] = byte;
  });
  wire[code] = body.length + 2 - code;
  return wire;
}

/** The body inside COBS(body), or null where the code bytes lead past the end. */
function decodeCobs(stuffed: Uint8Array): Uint8Array | null {
  const body = new Uint8Array(stuffed.length - 1);
  for (let at = 0; at < stuffed.length;) {
    const next = at + stuffed[at];
    if (next > stuffed.length) return null;
    body.set(stuffed.subarray(at + 1, next), at);
    at = next; // body[next - 1], where one follows, is the zero that the code byte stands for
  }
  return body;
}

function decodeBody(stuffed: Uint8Array): Frame | null {
  const body = decodeCobs(stuffed);
  if (!body || body.length < HEADER + CRC_BYTES || body[0] !== body.length - HEADER - CRC_BYTES) return null;
  const crcAt = body.length - CRC_BYTES;
  if (crc16(body.subarray(0, crcAt)) !== (body[crcAt] | (body[crcAt + 1] << 8))) return null;
  return { sequence: body[1], type: body[2], payload: body.slice(HEADER, crcAt) };
}

/** Finds frames in any stream of bytes. It remembers at most one frame, whatever arrives. */
export interface FrameDecoder {
  /** The good frames that these bytes complete. Everything else is dropped. */
  push(bytes: Uint8Array): Frame[];
  /** What was dropped so far: stretches between two delimiters that are no frame. */
  readonly damaged: number;
}

export function frameDecoder(): FrameDecoder {
  const stuffed = new Uint8Array(MAX_BODY + 1);
  let length = 0;
  let damaged = 0;
  return {
    get damaged() {
      return damaged;
    },
    push(bytes) {
      const frames: Frame[] = [];
      for (const byte of bytes) {
        if (byte !== 0) {
          // Too long for a frame: counted one beyond the end, so that the delimiter drops it.
          if (length < stuffed.length) stuffed[length] = byte;
          length = Math.min(length + 1, stuffed.length + 1);
          continue;
        }
        const frame = length > 0 && length <= stuffed.length ? decodeBody(stuffed.subarray(0, length)) : null;
        if (frame) frames.push(frame);
        else if (length > 0) damaged++;
        length = 0;
      }
      return frames;
    },
  };
}

/** What a board says about itself. */
export interface Hello {
  readonly version: number;
  /** The first 8 bytes of the model's SHA-256, as hex. */
  readonly modelHash: string;
  readonly features: number;
  readonly outputs: number;
  /** 0 in a regression: such a board also answers `values`. */
  readonly classes: number;
  /** Bytes of one raw feature: 1 (uint8), 2 (int16) or 4 (int32). */
  readonly rawBytes: number;
  /** Frequency of the board's cycle counter; 0 where it has none, `MICROSECONDS` where it can but tell the time. */
  readonly clockHz: number;
}

export const MICROSECONDS = 1_000_000;

export interface RowResult {
  /** 0 in a regression. */
  readonly class: number;
  readonly cycles: number;
  /** In an answer only the first of them; OUTPUTS brings the rest. */
  readonly outputs: Int32Array;
}

const HELLO_BYTES = 20;
const RESULT_HEADER = 5;
/** As many fit into the answer to RUN, and into one to OUTPUTS or VALUES. */
export const OUTPUTS_IN_RESULT = Math.floor((MAX_PAYLOAD - RESULT_HEADER) / 4);
export const OUTPUTS_IN_ANSWER = Math.floor((MAX_PAYLOAD - 2) / 4);

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Null where the payload is no hello. The version comes first and is read whatever follows it. */
export function decodeHello(payload: Uint8Array): Hello | null {
  const version = payload[0];
  if (payload.length < HELLO_BYTES) {
    if (version === undefined || version === PROTOCOL_VERSION) return null;
    return { version, modelHash: '', features: 0, outputs: 0, classes: 0, rawBytes: 0, clockHz: 0 };
  }
  const view = viewOf(payload);
  return {
    version,
    modelHash: Array.from(payload.subarray(1, 9), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    features: view.getUint16(9, true),
    outputs: view.getUint16(11, true),
    classes: view.getUint16(13, true),
    rawBytes: payload[15],
    clockHz: view.getUint32(16, true),
  };
}

/** Whole features only, so that the board converts each chunk as it comes. */
export const featuresPerChunk = (rawBytes: number): number => Math.floor((MAX_PAYLOAD - 2) / rawBytes);

/** DATA and RUN: raw features `first`, `first + 1`, … of the row. raw (count,), count <= featuresPerChunk */
export function encodeData(first: number, raw: Int32Array, rawBytes: number): Uint8Array {
  const payload = new Uint8Array(2 + raw.length * rawBytes);
  payload.set([first & 0xff, first >> 8]);
  raw.forEach((value, i) => {
    for (let b = 0; b < rawBytes; b++) payload[2 + i * rawBytes + b] = (value >> (8 * b)) & 0xff;
  });
  return payload;
}

/** OUTPUTS and VALUES: which one the answer should begin with. */
export const encodeOutputsRequest = (first: number): Uint8Array => Uint8Array.of(first & 0xff, first >> 8);

/** The next feature that the board expects, or null. */
export function decodeAck(payload: Uint8Array): number | null {
  return payload.length === 2 ? viewOf(payload).getUint16(0, true) : null;
}

function decodeInt32s(payload: Uint8Array, from: number): Int32Array | null {
  const count = (payload.length - from) / 4;
  if (!Number.isInteger(count) || count < 1) return null;
  return Int32Array.from({ length: count }, (_, i) => viewOf(payload).getInt32(from + 4 * i, true));
}

export function decodeResult(payload: Uint8Array): RowResult | null {
  const outputs = decodeInt32s(payload, RESULT_HEADER);
  return outputs && { class: payload[0], cycles: viewOf(payload).getUint32(1, true), outputs };
}

/** The deepest that the board's stack has been, in bytes; 0 where the board cannot tell. */
export function decodeStack(payload: Uint8Array): number | null {
  return payload.length === 4 ? viewOf(payload).getUint32(0, true) : null;
}

/** The answers to OUTPUTS and VALUES. */
export function decodeOutputs(payload: Uint8Array): { first: number; outputs: Int32Array } | null {
  const outputs = decodeInt32s(payload, 2);
  return outputs && { first: viewOf(payload).getUint16(0, true), outputs };
}
