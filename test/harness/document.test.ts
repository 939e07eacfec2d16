import { readFileSync } from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { predict } from '../../model/infer.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { writeStub } from './fixtures/stub-firmware.js';

/** A stranger's client: it knows docs/protocol.md and nothing of our code. */

const page = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'protocol.md'), 'utf8');

/** Cells of the table whose first heading this is, without the headings. */
function table(heading: string): string[][] {
  const rows = page.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const start = rows.findIndex((cells) => cells[0] === heading) + 2;
  expect(start).toBeGreaterThan(1);
  return rows.slice(
    start,
    rows.findIndex((cells, k) => k > start && cells.length === 0),
  );
}

const BODY = table('body').map(([field]) => field);
const MESSAGES = new Map(
  table('question').map(([name, type, asked, answer, told]) => [
    name,
    { type: Number(type), asked, answer: Number(answer), told },
  ]),
);
const SIZES: Record<string, number> = { u8: 1, u16: 2, u32: 4, i32: 4 };
/** The fields of a payload: "class u8, cycles u32, the first outputs i32… (at most 12)". */
const fieldsOf = (text: string) =>
  text.split(/, |; /).flatMap((part) => {
    const bytes = /^(.*?) (\d+) bytes$/.exec(part);
    if (bytes) return [{ name: bytes[1], bytes: Number(bytes[2]), repeats: false }];
    const field = /^(.*?) ([ui]\d+)(…)?( \(.*\))?$/.exec(part);
    return field ? [{ name: field[1], bytes: SIZES[field[2]], repeats: field[3] !== undefined }] : [];
  });

/** "CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF)" */
function crc(bytes: number[]): number {
  const [, polynomial, start] = /polynomial (0x\w+), start (0x\w+)/.exec(page)!.map(Number);
  return bytes.reduce((sum, byte) => {
    let next = sum ^ (byte << 8);
    for (let bit = 0; bit < 8; bit++) next = ((next << 1) ^ (next & 0x8000 ? polynomial : 0)) & 0xffff;
    return next;
  }, start);
}

/** "cut it at its zeros, which go; put before each piece the number of its bytes plus one" */
function frame(sequence: number, type: number, payload: number[]): Buffer {
  const parts: Record<string, number[]> = {
    length: [payload.length],
    sequence: [sequence],
    type: [type],
    payload,
  };
  const body = BODY.filter((field) => field !== 'CRC').flatMap((field) => parts[field]);
  const sum = crc(body);
  const pieces: number[][] = [[]];
  for (const byte of [...body, sum & 0xff, sum >> 8]) {
    if (byte === 0) pieces.push([]);
    else pieces.at(-1)!.push(byte);
  }
  return Buffer.from([0, ...pieces.flatMap((piece) => [piece.length + 1, ...piece]), 0]);
}

function unframe(stuffed: Buffer) {
  const body: number[] = [];
  for (let at = 0; at < stuffed.length; at += stuffed[at]) {
    if (at > 0) body.push(0);
    body.push(...stuffed.subarray(at + 1, at + stuffed[at]));
  }
  const [length, sequence, type] = body;
  const payload = Buffer.from(body.slice(3, 3 + length));
  const sum = crc(body.slice(0, -2));
  expect(body.slice(-2)).toEqual([sum & 0xff, sum >> 8]);
  return { sequence, type, payload };
}

function read(payload: Buffer, told: string): Record<string, number[]> {
  let at = 0;
  const take = (bytes: number): number => {
    const value = bytes > 4 ? NaN : bytes === 4 ? payload.readInt32LE(at) : payload.readUIntLE(at, bytes);
    at += bytes;
    return value;
  };
  return Object.fromEntries(
    fieldsOf(told).map(({ name, bytes, repeats }) => {
      const values = [take(bytes)];
      while (repeats && at < payload.length) values.push(take(bytes));
      return [name, values];
    }),
  );
}

test('COBS as the page explains it', () => {
  expect(page).toContain('The bytes `11 22 00 33` become `03 11 22 02 33`');
  expect([...MESSAGES.keys()]).toEqual(['HELLO', 'DATA', 'RUN', 'OUTPUTS', 'VALUES', 'STACK', 'any']);
});

test("a client written from the page's tables gets every output of a row from a board", async () => {
  const { directory, model } = writeStub('host', { features: 60, outputs: 14, rawType: 'int16' });
  const { elf } = await buildFirmware(directory);
  const board = spawn(elf, [], { stdio: ['pipe', 'pipe', 'ignore'] });
  let heard = Buffer.alloc(0);
  board.stdout.on('data', (bytes: Buffer) => (heard = Buffer.concat([heard, bytes])));
  const next = async () => {
    for (;;) {
      const start = heard.findIndex((byte) => byte !== 0);
      const end = start < 0 ? -1 : heard.indexOf(0, start);
      if (end >= 0) {
        const stuffed = heard.subarray(start, end);
        heard = heard.subarray(end);
        return unframe(stuffed);
      }
      await once(board.stdout, 'data');
    }
  };
  let sequence = 0;
  const ask = async (name: string, payload: number[]) => {
    const { type, answer, told } = MESSAGES.get(name)!;
    board.stdin.write(frame(++sequence, type, payload));
    const got = await next();
    expect([name, got.sequence, got.type]).toEqual([name, sequence, answer]);
    return read(got.payload, told);
  };
  const u16 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff];
  try {
    const boot = await next();
    expect([boot.sequence, boot.type]).toEqual([0, MESSAGES.get('HELLO')!.answer]);
    const hello = await ask('HELLO', []);
    const [[features], [size], [outputs]] = [hello.features, hello['bytes per raw feature'], hello.outputs];
    expect([hello['protocol version'][0], features, size, outputs]).toEqual([2, 60, 2, 14]);
    const row = Int32Array.from({ length: features }, (_, i) => i * 31 - 900);
    const chunk = Number(/at most 54, (\d+)/.exec(page.replaceAll('\n', ' '))![1]);
    let first = 0;
    for (; first + chunk < features; first += chunk) {
      const ack = await ask('DATA', [...u16(first), ...[...row.subarray(first, first + chunk)].flatMap(u16)]);
      expect(ack['next feature expected']).toEqual([first + chunk]);
    }
    const result = await ask('RUN', [...u16(first), ...[...row.subarray(first)].flatMap(u16)]);
    const all = [...result['the first outputs']];
    const more = await ask('OUTPUTS', u16(all.length));
    expect(more['first output']).toEqual([all.length]);
    all.push(...more.outputs);
    const expected = predict(model, row);
    expect([result.class[0], all]).toEqual([expected.class, [...expected.outputs]]);
    board.stdin.write(frame(99, MESSAGES.get('VALUES')!.type, u16(0)));
    const nak = await next();
    expect([nak.type, ...nak.payload]).toEqual([MESSAGES.get('any')!.answer, 2]);
    expect(table('reason')[1]).toEqual(['2', 'bad request']);
  } finally {
    board.kill('SIGKILL');
  }
});
