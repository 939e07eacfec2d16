import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { flashFirmware } from '../../harness/flash.js';
import type { UploadProgress } from '../../harness/upload-progress.js';
import { UPLOADER_NAMES, type UploaderName } from '../../harness/uploaders.js';
import type { FormatName } from '../../model/board.js';
import { compilersAlone } from '../support/compilers-alone.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { problemOf } from '../support/problem-of.js';

/** Stand-ins for the uploaders write down where they run and every word they are given. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-flash-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** No port, but there. */
const PORT = path.join(folder, 'ttyUSB7');
writeFileSync(PORT, '');
const compilers = compilersAlone(folder);
let made = 0;

/** Only these uploaders are installed; each says `output` and ends with `code`. */
function install(names: readonly UploaderName[], code = 0, output = ''): void {
  const place = mkdtempSync(path.join(folder, 'bin-'));
  for (const name of names) {
    const script = `#!/bin/sh\n{ pwd; for word in "$@"; do echo "$word"; done; } > ${folder}/called\nprintf '%b\\n' "${output}" >&2\nexit ${code}\n`;
    writeFileSync(path.join(place, name), script);
    chmodSync(path.join(place, name), 0o755);
  }
  vi.stubEnv('PATH', `${place}${path.delimiter}${compilers}`);
}

const firmware = (board: string, format: FormatName): string =>
  makeFirmware(folder, `f${++made}`, tinyModel(), board, format, 'tiny').directory;

const avrdude = (programmer: string, mcu: string, baud: number) => (d: string) => [
  ...[d, `-p${mcu}`, `-c${programmer}`, '-P', PORT, `-b${baud}`, '-D', `-Uflash:w:${d}/build/tiny.hex:i`],
];
const cli =
  (fqbn: string, ...words: string[]) =>
  (d: string) => [
    ...[d, 'compile', '-b', fqbn, '-p', PORT, '--output-dir', `${d}/build`, '-u', '-t'],
    ...words.map((word) => word.replace('DIR', d)),
  ];

test.each<[string, FormatName, UploaderName, (directory: string) => string[]]>([
  ['uno', 'sketch', 'avrdude', avrdude('arduino', 'atmega328p', 115200)],
  ['nano', 'arduino-library', 'avrdude', avrdude('arduino', 'atmega328p', 115200)],
  ['nano-old', 'sketch', 'avrdude', avrdude('arduino', 'atmega328p', 57600)],
  ['mega', 'sketch', 'avrdude', avrdude('wiring', 'atmega2560', 115200)],
  [
    'leonardo',
    'sketch',
    'arduino-cli',
    (d) => [
      ...[d, 'upload', '-t', '-b', 'arduino:avr:leonardo', '-p', PORT],
      ...['--input-file', `${d}/build/tiny.hex`],
    ],
  ],
  ['uno', 'platformio', 'pio', (d) => [d, 'run', '-e', 'uno', '-t', 'upload', '--upload-port', PORT]],
  ['esp32', 'sketch', 'arduino-cli', cli('esp32:esp32:esp32', 'DIR')],
  [
    'pico',
    'arduino-library',
    'arduino-cli',
    cli('rp2040:rp2040:rpipico', '--library', 'DIR', 'DIR/examples/Verify'),
  ],
  [
    'esp32-c3',
    'esp-idf',
    'idf.py',
    (d) => [
      ...[d, '-C', `${d}/examples/verify`, '-B', `${d}/build/idf`, `-DSDKCONFIG=${d}/build/idf/sdkconfig`],
      ...['-DIDF_TARGET=esp32c3', '-p', PORT, 'flash'],
    ],
  ],
])('%s, %s: %s', async (board, format, tool, words) => {
  // A Leonardo's avrdude wants a port that can be touched.
  install(board === 'leonardo' ? UPLOADER_NAMES.filter((name) => name !== 'avrdude') : UPLOADER_NAMES);
  const directory = firmware(board, format);
  const result = await flashFirmware(directory, PORT);
  expect(result).toMatchObject({ board, port: PORT, tool });
  const [where, ...called] = readFileSync(path.join(folder, 'called'), 'utf8').trimEnd().split('\n');
  expect([where, ...called]).toEqual(words(directory));
  expect(result.command).toEqual([tool, ...called]);
  expect(readFileSync(path.join(directory, 'build', 'flash.log'), 'utf8')).toContain(`$ ${tool} `);
});

/** Where Espressif's chips look for their bootloader: whatever the build says, and no number of ours. */
test.each([
  ['esp32', 'esp32', '0x1000'],
  ['esp32-s2', 'esp32s2', '0x1000'],
  ['esp32-s3', 'esp32s3', '0x0'],
  ['esp32-c3', 'esp32c3', '0x0'],
  ['esp32-p4', 'esp32p4', '0x2000'],
  ['esp32-c3', 'esp32c3', '0x7000'],
])('esptool gets the offsets of the build, in its own spelling: %s, %s, %s', async (board, chip, offset) => {
  install(['esptool']);
  const directory = firmware(board, 'esp-idf');
  expect(await problemOf(flashFirmware(directory, PORT))).toMatchObject({
    code: 'not-built',
    file: directory,
  });
  const build = path.join(directory, 'examples', 'verify', 'build');
  mkdirSync(build, { recursive: true });
  writeFileSync(
    path.join(build, 'flash_args'),
    `--flash_mode dio --flash_freq 80m --flash_size 2MB\n${offset} bootloader/bootloader.bin\n0x8000 partition_table/partition-table.bin\n0x10000 verify.bin\n`,
  );
  const parts = ['bootloader/bootloader.bin', 'partition_table/partition-table.bin', 'verify.bin'];
  for (const part of parts) {
    expect(await problemOf(flashFirmware(directory, PORT))).toMatchObject({
      code: 'not-built',
      message: `the build did not come to its end: ${path.join(build, part)} is missing`,
    });
    mkdirSync(path.dirname(path.join(build, part)), { recursive: true });
    writeFileSync(path.join(build, part), '');
  }
  await flashFirmware(directory, PORT);
  expect(readFileSync(path.join(folder, 'called'), 'utf8').trimEnd().split('\n').slice(1)).toEqual([
    ...['--chip', chip, '--port', PORT, 'write-flash'],
    ...['--flash-mode', 'dio', '--flash-freq', '80m', '--flash-size', '2MB'],
    ...[offset, `${build}/bootloader/bootloader.bin`],
    ...['0x8000', `${build}/partition_table/partition-table.bin`, '0x10000', `${build}/verify.bin`],
  ]);
});

/** Leaves what an ESP build leaves, all of it made after the project. */
function leaveBuild(build: string, program: string): void {
  mkdirSync(build, { recursive: true });
  writeFileSync(path.join(build, 'flash_args'), `0x0 bootloader.bin\n0x10000 ${program}\n`);
  for (const part of ['bootloader.bin', program]) writeFileSync(path.join(build, part), '');
}
const setTime = (file: string, seconds: number): void => {
  const time = Date.now() / 1000 + seconds;
  utimesSync(file, time, time);
};

test.each<[string, FormatName, string, string, string, RegExp]>([
  ['esp32-c3', 'esp-idf', 'build/idf', 'verify.bin', 'src/tiny.c', /^build it first: neurona build /],
  [
    'esp32',
    'sketch',
    'build',
    'SKETCH.ino.bin',
    'SKETCH.ino',
    /^build it first: arduino-cli compile .* --build-path /,
  ],
])('esptool gets no build that is older than the project: %s, %s', async (board, format, place, ...words) => {
  install(['esptool']);
  const directory = firmware(board, format);
  const sketch = path.basename(directory);
  const [program, source] = words.slice(0, 2).map((word) => String(word).replace('SKETCH', sketch));
  const build = path.join(directory, place);
  leaveBuild(build, program);
  const flash = () => flashFirmware(directory, PORT, { tool: 'esptool' });
  await flash();
  for (const other of ['README.md', 'examples/predict/main/main.c', 'examples/Predict/Predict.ino'])
    if (existsSync(path.join(directory, other))) setTime(path.join(directory, other), 60);
  await flash();
  setTime(path.join(directory, source), 60);
  expect(await problemOf(flash())).toMatchObject({
    code: 'stale-build',
    message: `${path.join(build, program)} was built before ${path.join(directory, source)} was last changed`,
    hint: expect.stringMatching(words[2]) as string,
  });
  // A build that failed may have made other parts anew.
  setTime(path.join(build, 'bootloader.bin'), 90);
  expect(await problemOf(flash())).toMatchObject({ code: 'stale-build' });
  setTime(path.join(build, program), 90);
  await flash();
});

test('of two builds, esptool gets the one that is no older than the project', async () => {
  install(['esptool']);
  const directory = firmware('esp32-c3', 'esp-idf');
  const [ours, byHand] = ['build/idf', 'examples/verify/build'].map((name) => path.join(directory, name));
  for (const build of [ours, byHand]) leaveBuild(build, 'verify.bin');
  setTime(path.join(ours, 'verify.bin'), -3600);
  const { command } = await flashFirmware(directory, PORT, { tool: 'esptool' });
  expect(command.at(-1)).toBe(path.join(byHand, 'verify.bin'));
});

test('without a port the board is looked for by its USB interface, and what is on the other ports left alone', async () => {
  install(['arduino-cli']);
  const directory = firmware('pico', 'sketch');
  const at = (path: string, vendorId: string, productId: string) =>
    ({ path, manufacturer: null, vendorId, productId }) as const;
  const ports = [at('/dev/ttyACM0', '2341', '0043'), at('/dev/ttyACM5', '2e8a', '000a')];
  const result = await flashFirmware(directory, undefined, { list: () => Promise.resolve(ports) });
  expect(result.port).toBe('/dev/ttyACM5');
  expect(result.command).toEqual(expect.arrayContaining(['-p', '/dev/ttyACM5']));
  expect(
    await problemOf(flashFirmware(directory, undefined, { list: () => Promise.resolve([ports[0]]) })),
  ).toMatchObject({ kind: 'toolchain', code: 'board-not-found' });
});

test('what is installed is used, and what is asked for', async () => {
  const directory = firmware('uno', 'sketch');
  install(['arduino-cli']);
  expect((await flashFirmware(directory, PORT)).tool).toBe('arduino-cli');
  install(['arduino-cli', 'avrdude']);
  expect((await flashFirmware(directory, PORT, { tool: 'arduino-cli' })).tool).toBe('arduino-cli');
  install([]);
  expect(await problemOf(flashFirmware(directory, PORT))).toMatchObject({
    kind: 'toolchain',
    code: 'missing-tool',
    message: expect.stringContaining('avrdude or arduino-cli') as string,
    hint: 'sudo apt-get install avrdude',
  });
  expect(await problemOf(flashFirmware(directory, PORT, { tool: 'pio' }))).toMatchObject({
    kind: 'usage',
    code: 'wrong-uploader',
  });
  expect(await problemOf(flashFirmware(firmware('uno', 'c'), PORT))).toMatchObject({
    kind: 'usage',
    code: 'not-for-a-board',
  });
});

/** Of esptool 4 and 5. */
const esptoolCannotOpen = (reason: string): string =>
  `A fatal error occurred: Could not open ${PORT}, the port is busy or doesn't exist.\n(${reason})`;

/** What avrdude 7.1, bossac 1.9.1 and dfu-util 0.11 said when they were run, and what esptool's sources have it say. */
test.each([
  ['avrdude: stk500_recv(): programmer is not responding', /nano-old/],
  ["avrdude: ser_open(): can't open device: Permission denied", /^sudo chmod a\+rw/],
  ["can't open device: Device or resource busy", /serial monitor/],
  [`avrdude OS error: cannot open port ${PORT}: No such file or directory`, /plugged in/],
  [`No device found on ${PORT}`, /plugged in/],
  ['dfu-util: No DFU capable USB device available', /reset twice/],
  ['A fatal error occurred: Failed to connect to ESP32', /BOOT button/],
  [
    esptoolCannotOpen(
      `[Errno 2] could not open port ${PORT}: [Errno 2] No such file or directory: '${PORT}'`,
    ),
    /plugged in/,
  ],
  [
    esptoolCannotOpen(
      `[Errno 11] Could not exclusively lock port ${PORT}: [Errno 11] Resource temporarily unavailable`,
    ),
    /serial monitor/,
  ],
  [
    esptoolCannotOpen(`[Errno 13] could not open port ${PORT}: [Errno 13] Permission denied: '${PORT}'`),
    /^sudo chmod a\+rw/,
  ],
  ["esptool: error: argument operation: invalid choice: 'write-flash' (choose from load_ram)", /pipx/],
  ['Error: something new', /^the whole log/],
])('a failed upload says what helps: %s', async (said, hint) => {
  install(['arduino-cli'], 1, said);
  const directory = firmware('pico', 'sketch');
  const details = await problemOf(flashFirmware(directory, PORT));
  expect(details).toMatchObject({ kind: 'toolchain', code: 'flash-failed' });
  const [message] = details.message.split('\n');
  expect(message).toMatch(/^arduino-cli ended with exit code 1: /);
  expect(said).toContain(message.split(': ').slice(1).join(': '));
  expect(details.hint).toMatch(hint);
  expect(readFileSync(path.join(directory, 'build', 'flash.log'), 'utf8')).toContain(said);
});

test('colours of an uploader stay out of what people read', async () => {
  const red = String.raw`\033[1;31mA fatal error occurred: Failed to connect\033[0m`;
  install(['arduino-cli'], 1, red);
  const steps: UploadProgress[] = [];
  const directory = firmware('pico', 'sketch');
  const onProgress = (progress: UploadProgress): void => void steps.push(progress);
  expect(await problemOf(flashFirmware(directory, PORT, { onProgress }))).toMatchObject({
    message: 'arduino-cli ended with exit code 1: A fatal error occurred: Failed to connect',
  });
  // esptool 5 clears the line before it and goes back to it after it, even where it writes to no terminal.
  install(
    ['arduino-cli'],
    0,
    String.raw`\r\033[KWriting at 0x00010000 [====>     ]  37.5% 65536/174848 bytes... \033[F`,
  );
  await flashFirmware(directory, PORT, { onProgress });
  expect(steps).toEqual([{ step: 'writing', percent: 37 }]);
});

test.each<[string, FormatName, UploaderName]>([
  ['uno', 'sketch', 'avrdude'],
  ['pico', 'sketch', 'arduino-cli'],
  ['esp32', 'sketch', 'esptool'],
  ['esp32-c3', 'esp-idf', 'idf.py'],
  ['uno', 'platformio', 'pio'],
])('a port that is not there is said before anything is started: %s, %s, %s', async (board, format, tool) => {
  install(UPLOADER_NAMES);
  rmSync(path.join(folder, 'called'), { force: true });
  const directory = firmware(board, format);
  const at = (path: string) => ({ path, manufacturer: null, vendorId: null, productId: null });
  const list = () => Promise.resolve([at('/dev/ttyS0')]);
  expect(await problemOf(flashFirmware(directory, '/dev/ttyACM99', { tool, list }))).toMatchObject({
    kind: 'toolchain',
    code: 'port-missing',
    message: '/dev/ttyACM99: there is no such port; ports found: /dev/ttyS0',
    hint: 'is the board plugged in?',
  });
  expect(existsSync(path.join(folder, 'called'))).toBe(false);
  expect(existsSync(path.join(directory, 'build'))).toBe(false);
});

test.each(['com3', 'rfc2217://host:4000'])('a port may be no file: %s', async (port) => {
  install(['arduino-cli']);
  const list = () => Promise.resolve([{ path: 'COM3', manufacturer: null, vendorId: null, productId: null }]);
  expect((await flashFirmware(firmware('pico', 'sketch'), port, { list })).port).toBe(port);
});
