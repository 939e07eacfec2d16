import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { loadDataset } from '../../dataset/load.js';
import { bytePort, type BytePort } from '../../harness/byte-port.js';
import { openCaptureFile } from '../../harness/capture-file.js';
import { capture } from '../../harness/capture.js';
import { parseHeader, parseReading } from '../../harness/plotter-line.js';
import { closePort, openPort } from '../../harness/port.js';
import { parsePrediction } from '../../harness/prediction-line.js';
import { MAIN, runCli, runJson } from '../cli/run-cli.js';

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-capture-'));
const sockets: ChildProcess[] = [];
afterAll(() => {
  for (const socat of sockets) socat.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const reading = (names: string[] | null, values: string[], count: number | null = null) => ({
  names,
  values,
  count,
});

describe('a line is a reading', () => {
  test.each([
    ['1.50,-2,3e4', reading(null, ['1.50', '-2', '3e4'])],
    ['1\t2 3', reading(null, ['1', '2', '3'])],
    ['x:1.5, y:-2', reading(['x', 'y'], ['1.5', '-2'])],
    ['x:1\ty:2\r', reading(['x', 'y'], ['1', '2'])],
    ['7', reading(null, ['7'])],
    ['line:12 x:1 y:2', reading(['x', 'y'], ['1', '2'], 12)],
    ['line:7 x:1 check:60', reading(['x'], ['1'], 7)],
    ['line:7 x:1 check:61', null],
    ['line:7 x:4 check:60', null],
    ['x:1 2', null],
    ['x:1 y:', null],
    ['1,,2', null],
    ['1.2.3', null],
    ['nan', null],
    ['0x10', null],
    ['ready', null],
    ['', null],
    ['line:3', null],
  ])('%j', (text, expected) => expect(parseReading(text)).toEqual(expected));

  test.each([
    ['ax,ay,az', ['ax', 'ay', 'az']],
    ['light\theat', ['light', 'heat']],
    ['ax,ax', null],
    ['starting', null],
    ['1,2', null],
    ['a,2', null],
  ])('%j names columns or not', (text, expected) => expect(parseHeader(text)).toEqual(expected));
});

test.each([
  ['setosa', { class: 'setosa', scores: [], names: null }],
  ['setosa\t12\t-5', { class: 'setosa', scores: [12, -5], names: null }],
  ['going up\tup:12\tdown:-5', { class: 'going up', scores: [12, -5], names: ['up', 'down'] }],
  ['21.5', { class: null, scores: [21.5], names: null }],
  ['heat:21.5 light:3', { class: null, scores: [21.5, 3], names: ['heat', 'light'] }],
  ['', null],
  ['\x01\x02', null],
])('the prediction %j', (text, expected) => expect(parsePrediction(text)).toEqual(expected));

/** Records what a sketch prints in these reads. */
async function record(reads: readonly string[], file: string, rows: number | null, label = 'up') {
  let device: BytePort | null = null;
  const nothing = () => Promise.resolve();
  const port = await openPort(
    {
      list: () => Promise.resolve([]),
      open: (options) =>
        Promise.resolve((device = bytePort(options, { write: nothing, close: nothing, drained() {} }))),
    },
    'board',
    115_200,
  );
  const result = capture(port, { file, label, rows, milliseconds: null, patience: 500, onRows() {} });
  result.catch(() => {}); // it may fail before the last read
  for (const bytes of reads) {
    device!.receive(Buffer.from(bytes));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return result.finally(() => closePort(port));
}

const lines = (count: number, line: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => `${line(k)}\r\n`).join('');

describe('recording', () => {
  test('names, values and labels come out as a file that loads as it is, however the bytes are split', async () => {
    const printed = `boot\r\nx,y\r\n${lines(20, (k) => `${k}.50,${-k}`)}`;
    for (const size of [1, 2, 3, 7, printed.length]) {
      const file = path.join(folder, `split${size}.csv`);
      const reads = printed.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
      expect(await record(reads, file, 20, 'up, "fast"')).toMatchObject({
        rows: 20,
        dropped: 0,
        columns: ['x', 'y'],
      });
      expect(readFileSync(file, 'utf8').split('\n').slice(0, 3)).toEqual([
        'x,y,label',
        '0.50,0,"up, ""fast"""',
        '1.50,-1,"up, ""fast"""',
      ]);
      await record([`\n${lines(2, () => '1,2')}`], file, 2, 'down');
      const data = await loadDataset([file], {});
      expect([data.rows, data.classes]).toEqual([22, ['down', 'up, "fast"']]);
    }
  });

  test('what did not arrive whole is counted: by the lines, or by the count that the sketch prints', async () => {
    const spoilt = lines(30, (k) => (k % 10 === 4 ? `${k}.x,1` : `${k},1`));
    const plain = await record([`half\n${spoilt}`], path.join(folder, 'spoilt.csv'), 27);
    expect(plain).toMatchObject({ rows: 27, dropped: 3, columns: ['x1', 'x2'] });
    const counted = lines(30, (k) => (k % 10 === 4 ? 'line:4x' : `line:${k} a:${k}`)).replace(
      'line:11 a:11\r\n',
      '',
    );
    const gaps = await record([`half\n${counted}`], path.join(folder, 'gaps.csv'), 26);
    expect(gaps).toMatchObject({ rows: 26, dropped: 4, columns: ['a'] });
  });

  test('another recording goes on in the same file, after the end of a row that was cut off', async () => {
    const file = path.join(folder, 'append.csv');
    await record([`\n${lines(3, (k) => `x:${k} y:1`)}`], file, 3, 'up');
    const whole = readFileSync(file, 'utf8');
    for (let end = whole.length - 7; end < whole.length; end++) {
      writeFileSync(file, whole.slice(0, end));
      await record([`\n${lines(1, () => 'x:9 y:9')}`], file, 1, 'down');
      expect(readFileSync(file, 'utf8')).toBe(`${whole.slice(0, whole.length - 7)}9,9,down\n`);
    }
    for (const [code, line] of [
      ['other-columns', 'x:1 z:2'],
      ['other-columns', '1,2,3'],
    ] as const) {
      await expect(record([`\n${line}\n`], file, 1)).rejects.toMatchObject({ details: { code, file } });
    }
    const foreign = path.join(folder, 'foreign.csv');
    writeFileSync(foreign, 'a,b\n1,2\n');
    expect(() => openCaptureFile(foreign, 'up', 1, null)).toThrow(/last column is "b"/);
    expect(readFileSync(foreign, 'utf8')).toBe('a,b\n1,2\n');
  });

  test.each([
    [[], 'silent-board', 'no byte'],
    [['\xfa\x00\x17\x81'.repeat(30)], 'no-readings', 'at 115200 baud'],
    [['hello\n', 'hello\n', 'hello\n'], 'no-readings', 'such as "hello"'],
  ])('%j ends with %s', async (reads, code, says) => {
    const file = path.join(folder, 'never.csv');
    await expect(record(reads, file, 1)).rejects.toMatchObject({
      details: { kind: 'toolchain', code, message: expect.stringContaining(says) as string },
    });
    expect(existsSync(file)).toBe(false);
  });
});

/** A pseudo-terminal whose far end prints a line a millisecond. */
async function sketch(name: string, line: string): Promise<string> {
  const link = path.join(folder, name);
  const script = path.join(folder, `${name}.mjs`);
  writeFileSync(
    script,
    `let k = 0, t = performance.now();
setInterval(() => { for (; performance.now() > t; t++) { k++; process.stdout.write(${line} + '\\r\\n'); } }, 5);`,
  );
  sockets.push(
    spawn('socat', [`PTY,link=${link},raw,echo=0`, `EXEC:${process.execPath} ${script}`], {
      stdio: 'ignore',
    }),
  );
  await vi.waitUntil(() => existsSync(link), { timeout: 30_000, interval: 20 });
  return link;
}

test('a thousand readings a second at a million baud; kill -9 costs the last row at most', async () => {
  const port = await sketch('ttySensor', '`line:${k} x:${k % 100} y:${-k}`');
  const file = path.join(folder, 'killed.csv');
  const words = ['capture', '--port', port, '--baud', '1000000', '--label', 'up', '-o', file];
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: 'ignore' });
  await vi.waitUntil(() => existsSync(file) && readFileSync(file).length > 2_000, {
    timeout: 30_000,
    interval: 20,
  });
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
  const whole = () => {
    const [header, ...rest] = readFileSync(file, 'utf8').split('\n');
    const rows = rest.slice(0, -1);
    expect(header).toBe('x,y,label');
    for (const row of rows) expect(row).toMatch(/^\d+,-\d+,up$/);
    return rows.length;
  };
  const rows = whole();
  expect(rows).toBeGreaterThan(100);
  const { code, object } = await runJson([...words, '--rows', '300'], folder);
  expect(code).toBe(0);
  expect(object).toMatchObject({ rows: 300, dropped: 0, columns: ['x', 'y'] });
  expect(object.hertz).toBeGreaterThan(100);
  expect(whole()).toBe(rows + 300);
}, 90_000);

test('monitor shows class, scores and rate, as text and as lines of JSON', async () => {
  const port = await sketch('ttyBoard', "(k % 2 ? 'up' : 'down') + '\\t' + k + '\\t-1'");
  const json = await runCli(['monitor', '--port', port, '--rows', '500', '--json'], folder);
  expect([json.code, json.stderr]).toEqual([0, '']);
  const states = json.stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(states).toHaveLength(500);
  expect(['up', 'down']).toContain(states[499].class);
  expect(states[499]).toMatchObject({ scores: [expect.any(Number), -1], names: null });
  expect(states[499].hertz).toBeGreaterThan(0);
  const text = await runCli(['monitor', '--port', port, '--rows', '3'], folder);
  expect(text.stdout).toMatch(/^((up|down)\t\d+\t-1\n){3}$/);
}, 60_000);

test('ports lists what there is', async () => {
  const { code, object } = await runJson(['ports'], folder);
  expect([code, Array.isArray(object.ports)]).toEqual([0, true]);
});
