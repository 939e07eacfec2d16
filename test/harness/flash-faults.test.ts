import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { flashFirmware } from '../../harness/flash.js';
import type { listPorts } from '../../harness/serial-port.js';
import type { UploaderName } from '../../harness/uploaders.js';
import { setLanguage } from '../../model/messages.js';
import { MAIN } from '../cli/run-cli.js';
import { compilersAlone } from '../support/compilers-alone.js';
import { makeFirmware } from '../support/firmware.js';
import { problemOf } from '../support/problem-of.js';
import { tinyModel } from '../support/tiny-model.js';

/** Boards that are missing, other ones, or pulled out, and what people read of it in both languages. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-flash-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));
const PORT = path.join(folder, 'ttyACM3');
beforeEach(() => writeFileSync(PORT, ''));
afterEach(() => {
  vi.unstubAllEnvs();
  setLanguage('en');
});

const compilers = compilersAlone(folder);
/** The only uploader that is installed. */
function install(name: UploaderName, script: string): string {
  const place = mkdtempSync(path.join(folder, 'bin-'));
  writeFileSync(path.join(place, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
  const found = `${place}${path.delimiter}${compilers}`;
  vi.stubEnv('PATH', found);
  return found;
}
let made = 0;
const firmware = (board: string): string =>
  makeFirmware(folder, `f${++made}`, tinyModel(), board, 'sketch', 'tiny').directory;

const port = (name: string, usb: string | null): Awaited<ReturnType<typeof listPorts>>[number] => {
  const [vendorId = null, productId = null] = usb?.split(':') ?? [];
  return { path: name, manufacturer: null, vendorId, productId };
};

test.each([
  [
    'no port',
    [],
    'no port has a USB interface of Arduino Uno (R3); no serial port was found',
    'ningún puerto tiene una interfaz USB de Arduino Uno (R3); no se encontró ningún puerto serie',
  ],
  [
    'ports of others',
    [port('A', '2e8a:000a'), port('B', null)],
    'no port has a USB interface of Arduino Uno (R3); ports found: A, B',
    'ningún puerto tiene una interfaz USB de Arduino Uno (R3); puertos encontrados: A, B',
  ],
  [
    'two Unos',
    [port('A', '2341:0043'), port('B', '1a86:7523')],
    'Arduino Uno (R3) may be on any of these ports: A, B',
    'Arduino Uno (R3) puede estar en cualquiera de estos puertos: A, B',
  ],
])('%s', async (_, ports, english, spanish) => {
  install('avrdude', 'exit 0');
  const directory = firmware('uno');
  const list = () => Promise.resolve(ports);
  expect((await problemOf(flashFirmware(directory, undefined, { list }))).message).toBe(english);
  setLanguage('es');
  expect((await problemOf(flashFirmware(directory, undefined, { list }))).message).toBe(spanish);
});

/** What avrdude 7.1 said of a simulated Mega, of an Uno whose bootloader fell silent; what esptool 4 and 5, pyserial and libusb say. */
test.each<[UploaderName, string, string, RegExp, RegExp]>([
  [
    'avrdude',
    `avrdude: device signature = 0x1e9801 (probably m2560)
avrdude error: expected signature for ATmega328P is 1E 95 0F
        double check chip or use -F to override this check
avrdude done.  Thank you.`,
    'avrdude error: expected signature for ATmega328P is 1E 95 0F',
    /^it is another board, probably with m2560: generate for that one/,
    /^es otra placa, probablemente con m2560/,
  ],
  [
    'avrdude',
    'avrdude: Device signature = 0x000000\navrdude: Expected signature for ATmega328P is 1E 95 0F',
    'avrdude: Expected signature for ATmega328P is 1E 95 0F',
    /^it is another board: generate for the one that it is/,
    /^es otra placa: genera/,
  ],
  ...['not ESP32. Wrong --chip argument?', ', not ESP32. Wrong chip argument?'].map(
    (end): [UploaderName, string, string, RegExp, RegExp] => [
      'arduino-cli',
      `Connecting...\n\nA fatal error occurred: This chip is ESP32-S3 ${end}\nFailed uploading: uploading error: exit status 2`.replace(
        ' ,',
        ',',
      ),
      `A fatal error occurred: This chip is ESP32-S3 ${end}`.replace(' ,', ','),
      /^it is another board: generate/,
      /^es otra placa: genera/,
    ],
  ),
  ...[
    'serial.serialutil.SerialException: device reports readiness to read but returned no data (device disconnected or multiple access on port?)',
    'OSError: [Errno 5] Input/output error',
    'dfu-util: error sending dload packet (LIBUSB_ERROR_NO_DEVICE)',
  ].map((said): [UploaderName, string, string, RegExp, RegExp] => [
    'arduino-cli',
    said,
    said,
    /^the board went away during the upload/,
    /^la placa desapareció durante la carga/,
  ]),
])('%s says: %s', async (tool, said, telling, english, spanish) => {
  const text = path.join(folder, 'said');
  writeFileSync(text, `${said}\n`);
  install(tool, `cat ${text} >&2; exit 1`);
  const directory = firmware('uno');
  const problem = await problemOf(flashFirmware(directory, PORT));
  expect(problem).toMatchObject({ kind: 'toolchain', code: 'flash-failed' });
  expect(problem.message).toBe(`${tool} ended with exit code 1: ${telling}`);
  expect(problem.hint).toMatch(english);
  setLanguage('es');
  expect((await problemOf(flashFirmware(directory, PORT))).hint).toMatch(spanish);
});

/** avrdude 7.1 goes on waiting for an answer. */
test('a board that is pulled out of its bridge is told, and the uploader ended', async () => {
  install('avrdude', `echo writing; rm ${PORT}; exec sleep 100`);
  const directory = firmware('uno');
  const problem = await problemOf(flashFirmware(directory, PORT));
  expect(problem).toMatchObject({
    ...{ kind: 'toolchain', code: 'flash-failed' },
    message: `${PORT} went away during the upload; the board holds no whole program now`,
    hint: expect.stringContaining('plug the board in, and upload again') as string,
  });
  expect(readFileSync(path.join(directory, 'build', 'flash.log'), 'utf8')).toContain('writing');
});

test('a port that goes away for a moment, or with a bootloader that ends, is no fault', async () => {
  install('avrdude', `rm ${PORT}; sleep 0.3; : > ${PORT}; sleep 1`);
  await flashFirmware(firmware('uno'), PORT);
  install('arduino-cli', `rm ${PORT}; sleep 2`);
  await flashFirmware(firmware('uno'), PORT, { tool: 'arduino-cli' });
});

test('a port is found from where its user is, not from the project', async () => {
  install('avrdude', 'echo "$@"');
  const { command } = await flashFirmware(firmware('uno'), path.relative(process.cwd(), PORT));
  expect(command).toContain(PORT);
});

test('an uploader ends with the program that started it', async () => {
  const [begun, ended] = ['begun', 'ended'].map((name) => path.join(folder, name));
  const PATH = install(
    'avrdude',
    `trap 'echo > ${ended}; exit 1' TERM; echo > ${begun}; for k in $(seq 200); do sleep 0.1; done`,
  );
  const cli = spawn(process.execPath, [MAIN, 'flash', firmware('uno'), '--port', PORT], {
    env: { ...process.env, PATH },
    stdio: 'ignore',
  });
  const closed = once(cli, 'close');
  const patience = { timeout: 15_000, interval: 10 };
  await vi.waitUntil(() => existsSync(begun), patience);
  cli.kill('SIGTERM');
  expect(await closed).toEqual([130, null]);
  await vi.waitUntil(() => existsSync(ended), patience);
});
