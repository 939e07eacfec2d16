import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { qemuMachine, startQemu } from '../../harness/qemu.js';
import { verifyFirmware } from '../../harness/verify.js';
import { findBoard } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import { MAIN, runJson } from '../cli/run-cli.js';
import { runInQemu } from '../support/avr-batch.js';
import { runOnCore } from '../support/core-program.js';
import { makeFirmware } from '../support/firmware.js';
import { randomRows } from '../support/random-model.js';
import { tinyModel } from '../support/tiny-model.js';

/** The Uno's own program in QEMU, behind a pseudo-terminal opened by its path through the native driver. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-qemu-'));
const model = tinyModel();
const raw = randomRows(createRandom(1), model, 60);
const { directory, hash } = makeFirmware(folder, 'sketch', model, 'uno', 'sketch');
/** Bytes of stack of the deepest interrupt, that of a received byte: return address, status and six registers. */
const RECEIVE_FRAME = 9;
const NO_ANSWER = { input: Buffer.alloc(0), expected: Buffer.alloc(1) };
const PATIENT = { hello: 30_000, answer: 3_000, run: 3_000 };

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const processes = (): string => execFileSync('ps', ['-eo', 'pid,args']).toString();

test('verify --on qemu proves the program, counts no cycles and leaves no process', async () => {
  const result = await verifyFirmware(directory, 'qemu', model, hash, raw, null, { timing: PATIENT });
  expect(result).toMatchObject({ on: 'qemu', rows: 60, mismatches: 0, stoppedBy: null, cycles: null });
  expect(result.noCycles).toContain("QEMU's counters");
  expect(processes()).not.toContain(directory);
});

test.each(findBoard('esp32-c3').formats)('an ESP32-C3 as %s, on a RISC-V machine', async (format) => {
  const board = makeFirmware(folder, `c3-${format}`, model, 'esp32-c3', format, 'tiny');
  const result = await verifyFirmware(board.directory, 'qemu', model, board.hash, raw, null, {
    timing: PATIENT,
    sessions: path.join(folder, 'sessions'),
  });
  expect(result).toMatchObject({
    board: 'esp32-c3',
    rows: 60,
    mismatches: 0,
    stoppedBy: null,
    cycles: null,
  });
  expect(result.stackBytes).toBeGreaterThan(64);
  expect(result.stackBytes).toBeLessThan(4096);
});

test('a path is opened the same way, and a device that dies leaves a partial result', async () => {
  const { elf } = await buildFirmware(directory);
  const qemu = await startQemu(qemuMachine(findBoard('uno'))!, elf);
  const verify = (onProgress: (rows: number) => void) =>
    verifyFirmware(directory, qemu.path, model, hash, raw, null, {
      timing: { ...PATIENT, boot: 0 },
      onProgress,
    });
  try {
    expect(await verify(() => {})).toMatchObject({ on: qemu.path, rows: 60, mismatches: 0, stoppedBy: null });
    const partial = await verify((rows) => void (rows === 7 && qemu.stop()));
    expect(partial).toMatchObject({ mismatches: 0, stoppedBy: { code: 'disconnected' } });
    expect(partial.rows).toBeGreaterThanOrEqual(7);
    expect(partial.rows).toBeLessThan(60);
  } finally {
    await qemu.stop();
  }
});

test('28, 67: QEMU missing or failing says so', async () => {
  const machine = qemuMachine(findBoard('uno'))!;
  const qemu = await startQemu(machine, '/no/such/program.elf');
  expect(await qemu.lastWords()).toMatch(/exit code 1[^]*no.such.program.elf/);
  await qemu.stop();
  vi.stubEnv('PATH', '');
  await expect(startQemu(machine, 'program.elf')).rejects.toMatchObject({
    details: { code: 'missing-tool', hint: expect.stringContaining('qemu-system-misc') as string },
  });
});

test('several devices at once give one report', async () => {
  const data = path.join(folder, 'few.csv');
  writeFileSync(data, `${model.input.features.join(',')}\n${'1,1\n'.repeat(9)}`);
  const { code, object } = await runJson(['verify', directory, data, '--on', 'simulator,qemu'], folder);
  expect(code).toBe(0);
  expect(object).toMatchObject({ on: 'simulator,qemu', rows: 18, total: 18, mismatches: 0, stoppedBy: null });
  const devices = object.devices as Record<string, unknown>[];
  expect(devices.map(({ on, rows }) => [on, rows])).toEqual([
    ['simulator', 9],
    ['qemu', 9],
  ]);
  expect(devices[0].cycles).not.toBeNull();
  // The simulator sees from outside what the painted stack tells in QEMU. Interrupts, which do not interrupt one another,
  // strike where they will: neither lies below the program's own depth, nor more than an interrupt's frame above it.
  const [simulated, painted] = devices.map(({ stackBytes }) => stackBytes as number);
  expect(simulated).toBeGreaterThan(RECEIVE_FRAME);
  expect(Math.abs(simulated - painted)).toBeLessThanOrEqual(RECEIVE_FRAME);
});

test('60: of several devices, one that does not open leaves the others alone and is named', async () => {
  const data = path.join(folder, 'few.csv');
  writeFileSync(data, `${model.input.features.join(',')}\n${'1,1\n'.repeat(9)}`);
  const on = '/dev/ttyNOPE,simulator,/dev/ttyNONE';
  const { code, object } = await runJson(['verify', directory, data, '--on', on], folder);
  expect(code).toBe(4);
  expect(object).toMatchObject({
    on,
    rows: 9,
    total: 27,
    mismatches: 0,
    stoppedBy: { code: 'devices-stopped' },
  });
  expect((object.stoppedBy as { message: string }).message).toMatch(
    /^2 of 3 devices stopped: .dev.ttyNOPE: there is no such port.*; .dev.ttyNONE: there is no/,
  );
  expect((object.devices as Record<string, unknown>[]).map(({ rows }) => rows)).toEqual([0, 9, 0]);
});

/** Programs that run until somebody ends them; a Cortex-M needs a stack and a place to start at in its first words. */
const ENDLESS = {
  avr: 'int main(void) { for (;;) { } }\n',
  arm: `__asm__(".section .vectors, \\"a\\"\\n.word 0x20001000\\n.word _start\\n");
void _start(void);
void _start(void) { for (;;) { } }
`,
} as const;
const ARM_FLAGS = ['-nostdlib', '-mcpu=cortex-m4', '-mthumb', '-Wl,--section-start=.vectors=0,-Ttext=0x100'];

test.each([
  [
    'qemu-system-avr',
    ['avr-gcc', '-mmcu=atmega328p'],
    ENDLESS.avr,
    (elf: string) => runInQemu(path.dirname(elf), 'uno', NO_ANSWER),
  ],
  [
    'qemu-system-arm',
    ['arm-none-eabi-gcc', ...ARM_FLAGS],
    ENDLESS.arm,
    (elf: string) => runOnCore('cortex-m4', elf),
  ],
] as const)(
  '67: what runs models for the tests leaves none behind either: %s',
  async (program, [compiler, ...flags], text, start) => {
    // A guard waits beside it that ends it where this process is killed, as the next test has one be.
    const place = mkdtempSync(path.join(folder, 'endless-'));
    const [source, elf] = ['main.c', 'main.elf'].map((name) => path.join(place, name));
    writeFileSync(source, text);
    execFileSync(compiler, [...flags, source, '-o', elf]);
    const find = (what: RegExp): number | null => {
      const found = what.exec(processes());
      return found && Number(found[1]);
    };
    const patience = { timeout: 30_000, interval: 20 };
    const running = start(elf).catch(() => {});
    const simulator = new RegExp(`^ *(\\d+) \\S*${program} .*${elf}`, 'm');
    // A number and never null: to `process.kill`, 0 is all that runs beside this test.
    const pid = (await vi.waitUntil(() => find(simulator), patience))!;
    const guardOf = new RegExp(`^ *(\\d+) .*kill -9 ${pid}$`, 'm');
    try {
      await vi.waitUntil(() => find(guardOf), patience);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    await running;
    await vi.waitUntil(() => find(guardOf) === null, patience);
  },
  120_000,
);

test('67: kill -9 leaves no QEMU behind', async () => {
  const data = path.join(folder, 'rows.csv');
  const names = model.input.features.join(',');
  writeFileSync(data, `${names}\n${'1,1\n'.repeat(50_000)}`);
  const cli = spawn('node', [MAIN, 'verify', directory, data, '--on', 'qemu'], { stdio: 'ignore' });
  const runs = () =>
    processes()
      .split('\n')
      .filter((line) => /qemu-system-avr/.test(line) && line.includes(directory));
  await vi.waitUntil(() => runs().length > 0, { timeout: 30_000, interval: 50 });
  const ended = once(cli, 'close');
  cli.kill('SIGKILL');
  await ended;
  await vi.waitUntil(() => runs().length === 0, { timeout: 30_000, interval: 50 });
}, 90_000);
