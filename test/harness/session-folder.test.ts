import {
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
  readdirSync,
  mkdirSync,
  copyFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { openByteLog } from '../../harness/byte-log-file.js';
import { hostProcessBinding } from '../../harness/host-process.js';
import { closePort, openPort } from '../../harness/port.js';
import { createSession, resumeSession, type SessionFolder } from '../../harness/session-folder.js';
import { openSession } from '../../harness/session.js';
import { verifyFirmware, verifyRows } from '../../harness/verify.js';
import { predict } from '../../model/infer.js';
import { ANSWER_BIT, frameDecoder, REQUEST } from '../../model/protocol.js';
import { writeStub } from './fixtures/stub-firmware.js';

const parent = mkdtempSync(path.join(tmpdir(), 'neurona-sessions-'));
afterAll(() => rmSync(parent, { recursive: true }));

const IDENTITY = { modelHash: 'a', dataHash: 'b', board: 'host', on: 'host' };
const ROWS = 8;
const FEATURES = 4;

test('an interrupted verification goes on where it was, wherever its journal was cut off', async () => {
  const spoil = 'if (inputs[0] & 1) { outputs[0] -= 1; }';
  const stub = writeStub('host', { features: FEATURES, outputs: 3, rawType: 'int16' }, { spoil });
  const { elf } = await buildFirmware(stub.directory);
  const raw = Int32Array.from({ length: ROWS * FEATURES }, (_, k) => ((k * 7919) % 3001) - 1500);
  const rowAt = (row: number): Int32Array => raw.subarray(row * FEATURES, (row + 1) * FEATURES);
  const labels = Uint16Array.from({ length: ROWS }, (_, row) => row % 3);
  const port = await openPort(hostProcessBinding, elf, 115_200);
  let log: SessionFolder | null = null;
  try {
    const session = await openSession(port, {
      modelHash: stub.modelHash,
      baudRate: null,
      timing: { answer: 10_000, run: 10_000 },
      log: (direction, bytes) => log?.bytes(direction, bytes),
    });
    let asked = 0;
    const verify = async (folder: SessionFolder) => {
      asked = 0;
      const rows = Array.from({ length: ROWS }, (_, row) => rowAt(row));
      const expected = (row: number) => (asked++, predict(stub.model, rowAt(row)));
      const { seconds: _, ...result } = await verifyRows(session, rows, expected, labels, () => {}, folder);
      return result;
    };
    const whole = createSession(parent, IDENTITY);
    log = whole;
    const result = await verify(whole);
    whole.finish(result);
    log = null;
    expect(result.mismatches).toBeGreaterThan(1);
    const read = (name: string): string => readFileSync(path.join(whole.directory, name), 'utf8');
    expect(JSON.parse(read('results.json'))).toMatchObject({ rows: ROWS, mismatches: result.mismatches });
    expect(read('different.jsonl').trim().split('\n')).toHaveLength(result.mismatches);
    // Every byte: the frames of the log are a question and an answer for every row, for every second asking, and for the
    // row after each of these, which was begun while the answer came and is asked again.
    const bytes = (direction: string) =>
      read('bytes.log')
        .split('\n')
        .filter((line) => line.split(' ')[1] === direction)
        .map((line) => line.split(' ')[2]);
    for (const direction of ['>', '<']) {
      const frames = frameDecoder().push(Buffer.from(bytes(direction).join(''), 'hex'));
      // An opening that asked twice, because the program was slow to start, may get its second hello only now.
      const rows = frames.filter(({ type }) => (type & ~ANSWER_BIT) !== REQUEST.hello);
      expect(rows).toHaveLength(ROWS + 2 * result.mismatches);
    }

    const journal = read('rows.csv');
    const header = journal.indexOf('\n') + 1;
    for (let end = header; end <= journal.length; end++) {
      const cut = path.join(parent, `cut${end}`);
      mkdirSync(cut);
      for (const name of readdirSync(whole.directory))
        copyFileSync(path.join(whole.directory, name), path.join(cut, name));
      writeFileSync(path.join(cut, 'rows.csv'), journal.slice(0, end));
      const left = journal.slice(header, end).split('\n').length - 1;
      expect(await verify(resumeSession(cut, { ...IDENTITY, on: '/dev/other' }))).toEqual(result);
      expect(asked).toBe(ROWS - left);
      expect(readFileSync(path.join(cut, 'rows.csv'), 'utf8')).toBe(journal);
      expect(readFileSync(path.join(cut, 'different.jsonl'), 'utf8')).toBe(read('different.jsonl'));
    }
  } finally {
    await closePort(port);
  }
}, 60_000);

test('71: a session of another model, of other data or of nothing is refused', () => {
  const { directory } = createSession(parent, IDENTITY);
  for (const [change, says] of [
    [{ modelHash: 'x' }, 'another model'],
    [{ dataHash: 'x' }, 'other data'],
    [{ board: 'x' }, 'another board'],
  ] as const)
    expect(() => resumeSession(directory, { ...IDENTITY, ...change })).toThrow(says);
  expect(() => resumeSession(parent, IDENTITY)).toThrow('no session');
});

test('the log of bytes keeps its beginning and its end, and says what is left out, also when it goes on', () => {
  const LIMIT = 300;
  for (const count of [1, 8, 20, 100, 257]) {
    const directory = mkdtempSync(path.join(parent, 'log-'));
    for (let k = 0; k < count; k += 50) {
      const file = openByteLog(directory, LIMIT);
      for (let byte = k; byte < Math.min(k + 50, count); byte++)
        file.log('>', Uint8Array.of(byte >> 8, byte));
      file.close();
    }
    let next = 0;
    for (const name of ['bytes.log', 'bytes-before.log', 'bytes-latest.log']) {
      if (!readdirSync(directory).includes(name)) continue;
      const text = readFileSync(path.join(directory, name), 'utf8');
      expect(text.length).toBeLessThanOrEqual(LIMIT);
      for (const line of text.trimEnd().split('\n')) {
        if (line.startsWith('#')) next += Number(line.slice(2, 17)) / 2;
        else expect(parseInt(line.split(' ')[2], 16)).toBe(next++);
      }
    }
    expect(next).toBe(count);
  }
});

test.each(['host', 'simulator'])('a run on the %s keeps a session that goes on', async (on) => {
  const stub = writeStub(on === 'host' ? 'host' : 'uno', {
    features: FEATURES,
    outputs: 3,
    rawType: 'int16',
  });
  const raw = Int32Array.from({ length: ROWS * FEATURES }, (_, k) => ((k * 7919) % 3001) - 1500);
  let session = '';
  const verify = (resume?: string) =>
    verifyFirmware(stub.directory, on, stub.model, stub.modelHash, raw, null, {
      sessions: mkdtempSync(path.join(parent, 'kept-')),
      resume,
      onSession: (folder) => (session = folder),
    });
  const whole = await verify();
  const journal = path.join(session, 'rows.csv');
  const lines = readFileSync(journal, 'utf8').split('\n');
  writeFileSync(journal, `${lines.slice(0, 4).join('\n')}\n`);
  expect(await verify(session)).toEqual({ ...whole, seconds: expect.any(Number) as number });
  expect(readFileSync(journal, 'utf8')).toBe(lines.join('\n'));
});
