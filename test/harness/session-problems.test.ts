import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import type { BindingInterface } from '../../harness/binding.js';
import { buildFirmware } from '../../harness/build.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSerialPort } from '../../harness/serial-port.js';
import { openSession } from '../../harness/session.js';
import { AVR_CHIPS } from '../../harness/avr-chip.js';
import { simulatedAvr } from '../../harness/simulator.js';
import { Problem, type ProblemDetails } from '../../model/problem.js';
import { encodeFrame } from '../../model/protocol.js';
import { talkingDevice } from './fixtures/faulty-binding.js';
import { writeStub } from './fixtures/stub-firmware.js';

const MODEL_HASH = 'ab'.repeat(32);

/** A hello written by hand: version, hash, features, outputs, classes, raw bytes, clock. */
const hello = (version: number, hashByte: number): Uint8Array =>
  encodeFrame({
    sequence: 0,
    type: 0x81,
    payload: Uint8Array.of(version, ...Array<number>(8).fill(hashByte), 4, 0, 3, 0, 3, 0, 2, 0, 0, 0, 0),
  });

async function problemOnOpening(binding: BindingInterface, baudRate = 115_200): Promise<ProblemDetails> {
  const port = await openPort(binding, 'fake', baudRate);
  try {
    await openSession(port, { modelHash: MODEL_HASH, baudRate: 115_200, timing: { hello: 300, answer: 50 } });
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  } finally {
    await closePort(port);
  }
  throw new Error('expected a Problem');
}

const SILENCE = new Uint8Array();
const NOISE = Uint8Array.from({ length: 5_000 }, (_, i) => (i * i * 31 + 7) & 0xff);

test.each([
  ['silence', talkingDevice(SILENCE), 'silent-board', 'no byte'],
  ['noise', talkingDevice(NOISE), 'only-noise', '5000 bytes'],
  ['an old protocol', talkingDevice(hello(7, 0xab)), 'wrong-protocol', 'version 7'],
  [
    'another model',
    talkingDevice(hello(2, 0xcd)),
    'wrong-model',
    'cdcdcdcdcdcdcdcd; expected abababababababab',
  ],
] as const)('58: %s has its own message', async (_, { binding }, code, says) => {
  const problem = await problemOnOpening(binding);
  expect(problem).toMatchObject({ kind: 'toolchain', code });
  expect(problem.message).toContain(says);
  expect(problem.hint).toBeTruthy();
});

const text = (lines: string): Uint8Array => Buffer.from(lines, 'latin1');
const ESP_BOOT =
  'ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST)\r\nentry 0x400805e4\r\n';

test.each([
  ['a plotter', 'x:1.25\ty:-3\r\nx:1.27\ty:-4\r\n', 'another program, such as "x:1.27\\ty:-4"'],
  ['an ESP32 without a program of ours', ESP_BOOT, 'boot messages'],
  ['an ESP32 and its program', `${ESP_BOOT}hello\r\nworld\r\n`, 'such as "world"'],
  ['the download mode', `${ESP_BOOT}waiting for download\r\n`, 'download mode'],
  ['a crash', `${ESP_BOOT}Guru Meditation Error: Core 1 panic\r\n`, 'crashes'],
  ['an empty flash', 'invalid header: 0xffffffff\r\n'.repeat(9), 'no program'],
  ['MicroPython', 'MicroPython v1.22 on 2024; Type "help()"\r\n>>> ', 'MicroPython'],
  ['Firmata', '\xf9\x02\x05S\0t\0a\0n\0d\0a\0r\0d\0F\0', 'Firmata'],
])('58: %s is recognised', async (_, said, says) => {
  const problem = await problemOnOpening(talkingDevice(text(said)).binding);
  expect(problem).toMatchObject({ kind: 'toolchain', code: 'other-firmware' });
  expect(problem.message).toContain(says);
});

/** As a C3 prints it on its USB after a reset through that. */
const C3_BOOT =
  'ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\nrst:0x15 (USB_UART_CHIP_RESET),boot:0xd (SPI_FAST_FLASH_BOOT)\r\n' +
  'Saved PC:0x40048836\r\nSPIWP:0xee\r\nmode:DIO, clock div:1\r\nload:0x3fcd5820,len:0x458\r\nentry 0x403cc000\r\n';

test.each<[string, boolean, string]>([
  ['without USB of its own', false, ESP_BOOT],
  ['of its own USB', true, C3_BOOT],
])('58: where only the ROM %s speaks, the program may be on another port: %j', async (_, isOwn, said) => {
  const problem = await problemOnOpening(talkingDevice(text(said)).binding);
  expect(problem.message).toContain('only prints its boot messages');
  expect(problem.hint!.includes('docs/boards.md')).toBe(isOwn);
});

test('64: endless noise ends at the deadline, and waits unread in bounded memory', async () => {
  const { binding, unread } = talkingDevice(NOISE, true);
  expect((await problemOnOpening(binding)).code).toBe('only-noise');
  expect(unread()).toBeLessThan(1 << 20);
});

test('59: at a wrong baud rate the message names the right one', async () => {
  const { directory } = writeStub('uno', { features: 4, outputs: 3, rawType: 'int16' });
  const { hex } = await buildFirmware(directory);
  for (const baudRate of [9_600, 57_600, 230_400]) {
    const { binding } = simulatedAvr(readFileSync(hex!, 'utf8'), 16_000_000, AVR_CHIPS.atmega328p);
    const problem = await problemOnOpening(binding, baudRate);
    expect(problem).toMatchObject({ code: 'wrong-baud' });
    expect(problem.message).toContain(
      `the board speaks 115200 baud, and the port was opened at ${baudRate} baud`,
    );
  }
});

test('60: a port that does not exist is reported with those that do', async () => {
  const outcome: unknown = await openSerialPort('/dev/neurona-missing', 115_200).catch(
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(Problem);
  expect((outcome as Problem).details).toMatchObject({
    kind: 'toolchain',
    code: 'port-missing',
    message: expect.stringMatching(/^\/dev\/neurona-missing: .*port/) as string,
  });
});
