import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { ARDUINO_CORE } from '../../harness/toolchains.js';
import { allBoards, findBoard, type FormatName } from '../../model/board.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { makeFirmware } from '../support/firmware.js';
import { WARNINGS } from '../support/host-batch.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** Facts of Arduino, PlatformIO, ESP-IDF, avrdude and Node, written down here from what they publish, not from our own tables. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-conventions-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('boards', () => {
  test.each([
    ['uno', 32256, 2048, 'arduino', 115200],
    ['nano', 30720, 2048, 'arduino', 115200],
    ['nano-old', 30720, 2048, 'arduino', 57600],
    ['mega', 253952, 8192, 'wiring', 115200],
    ['leonardo', 28672, 2560, 'avr109', 57600],
    ['micro', 28672, 2560, 'avr109', 57600],
  ])('%s: %i bytes of flash, %i of RAM, %s at %i baud', (id, flashBytes, ramBytes, programmer, baudRate) => {
    expect(findBoard(id)).toMatchObject({ flashBytes, ramBytes, upload: { programmer, baudRate } });
  });

  test.each([
    ['uno', 'arduino:avr:uno', 'atmelavr', 'uno'],
    ['nano', 'arduino:avr:nano', 'atmelavr', 'nanoatmega328new'],
    ['nano-old', 'arduino:avr:nano:cpu=atmega328old', 'atmelavr', 'nanoatmega328'],
    ['mega', 'arduino:avr:mega', 'atmelavr', 'megaatmega2560'],
    ['leonardo', 'arduino:avr:leonardo', 'atmelavr', 'leonardo'],
    ['micro', 'arduino:avr:micro', 'atmelavr', 'micro'],
    ['nano-every', 'arduino:megaavr:nona4809', 'atmelmegaavr', 'nano_every'],
    ['zero', 'arduino:samd:arduino_zero_edbg', 'atmelsam', 'zero'],
    ['mkrzero', 'arduino:samd:mkrzero', 'atmelsam', 'mkrzero'],
    ['mkrwifi1010', 'arduino:samd:mkrwifi1010', 'atmelsam', 'mkrwifi1010'],
    ['nano33ble', 'arduino:mbed_nano:nano33ble', 'nordicnrf52', 'nano33ble'],
    ['nano-rp2040', 'arduino:mbed_nano:nanorp2040connect', 'raspberrypi', 'nanorp2040connect'],
    ['uno-r4-minima', 'arduino:renesas_uno:minima', 'renesas-ra', 'uno_r4_minima'],
    ['uno-r4-wifi', 'arduino:renesas_uno:unor4wifi', 'renesas-ra', 'uno_r4_wifi'],
    ['portenta-h7', 'arduino:mbed_portenta:envie_m7', 'ststm32', 'portenta_h7_m7'],
    ['giga', 'arduino:mbed_giga:giga', 'ststm32', 'giga_r1_m7'],
    ['esp8266', 'esp8266:esp8266:nodemcuv2', 'espressif8266', 'nodemcuv2'],
    ['esp32', 'esp32:esp32:esp32', 'espressif32', 'esp32dev'],
    ['esp32-s2', 'esp32:esp32:esp32s2', 'espressif32', 'esp32-s2-saola-1'],
    ['esp32-s3', 'esp32:esp32:esp32s3', 'espressif32', 'esp32-s3-devkitc-1'],
    ['esp32-c3', 'esp32:esp32:esp32c3', 'espressif32', 'esp32-c3-devkitm-1'],
  ])('%s is %s of Arduino, and %s, %s of PlatformIO', (id, fqbn, platform, board) => {
    expect(findBoard(id)).toMatchObject({ fqbn, platformio: { platform, board } });
  });

  /** `boards.txt` of the core that Debian ships: keys with dots, a menu's over the board's. */
  const properties = new Map(
    readFileSync(path.join(ARDUINO_CORE, 'boards.txt'), 'utf8')
      .split('\n')
      .map((line) => /^([^#=]+)=(.*)$/.exec(line.trim()))
      .filter((found) => found !== null)
      .map(([, key, value]) => [key, value]),
  );
  const avr = allBoards().filter(({ fqbn }) => fqbn?.startsWith('arduino:avr:'));

  test.each(avr)("$id is what the core's boards.txt says", (board) => {
    const [, , id, option] = board.fqbn!.split(':');
    // A board whose menu nobody has chosen from is the menu's first entry.
    const first = [...properties.keys()].find((key) => key.startsWith(`${id}.menu.cpu.`));
    const menu = option?.replace('=', '.') ?? first?.split('.').slice(2, 4).join('.');
    const property = (key: string): string | undefined =>
      properties.get(`${id}.menu.${menu}.${key}`) ?? properties.get(`${id}.${key}`);
    expect({
      mcu: property('build.mcu'),
      clock: property('build.f_cpu'),
      flash: property('upload.maximum_size'),
      ram: property('upload.maximum_data_size'),
      programmer: property('upload.protocol'),
      baud: property('upload.speed'),
      touch: property('upload.use_1200bps_touch') === 'true',
      usb: Array.from({ length: 6 }, (_, n) => [property(`vid.${n}`), property(`pid.${n}`)])
        .filter(([vendor]) => vendor !== undefined)
        .map((pair) => pair.map((hex) => hex!.slice(2).toLowerCase()).join(':'))
        .filter((id) => !board.usb.includes(id)),
    }).toEqual({
      mcu: board.mcu,
      clock: `${board.clockHz}L`,
      flash: `${board.flashBytes}`,
      ram: `${board.ramBytes}`,
      programmer: board.upload?.tool === 'avrdude' ? board.upload.programmer : undefined,
      baud: board.upload?.tool === 'avrdude' ? `${board.upload.baudRate}` : undefined,
      touch: board.upload?.tool === 'avrdude' && board.upload.touchBaudRate === 1200,
      usb: [],
    });
  });

  test.each([
    ['nano-every', '2341:0058'],
    ['zero', '03eb:2157'], // its programming port: on the other one Serial says nothing
    ['mkrzero', '2341:804f 2341:004f'],
    ['mkrwifi1010', '2341:8054 2341:0054'],
    ['nano33ble', '2341:805a 2341:005a 2341:015a 2341:025a'],
    ['nano-rp2040', '2341:005e 2341:805e 2341:015e 2341:025e'],
    ['uno-r4-minima', '2341:0069 2341:0369'],
    ['uno-r4-wifi', '2341:1002 2341:006d'],
    ['portenta-h7', '2341:025b 2341:035b 2341:045b 2341:055b'],
    ['giga', '2341:0266'],
    ['pico', '2e8a:000a 2e8a:00c0 2e8a:0005'], // of its own core, of Mbed's, of MicroPython
  ])("%s has the USB interfaces of its core's boards.txt, the bootloader's too: %s", (id, usb) => {
    expect(findBoard(id).usb).toEqual(usb.split(' '));
  });

  /** Where their linker scripts begin and end, which `upload.maximum_size` of some boards.txt is more than. */
  test.each([
    [0x2000, 0x40000, 'zero mkrzero mkrwifi1010'],
    [0x4000, 0x40000, 'uno-r4-minima uno-r4-wifi'],
    [0x08040000, 0x08200000, 'giga'],
    [0x08040000, 0x08100000, 'portenta-h7'],
    [0x10000, 0x100000, 'nano33ble'],
    [0x10000, 0x150000, 'esp32 esp32-s2 esp32-s3 esp32-c3 esp32-c6 esp32-h2 esp32-p4'],
  ])('programs lie from %i to %i in the flash of %s', (start, end, ids) => {
    for (const id of ids.split(' ')) expect(findBoard(id).flashBytes, id).toBe(end - start);
  });

  test('an RP2040 runs as fast as its core has it: 125 MHz with that of Mbed, 133 MHz with that of the Pico', () => {
    expect(['nano-rp2040', 'pico'].map((id) => findBoard(id).clockHz)).toEqual([125e6, 133e6]);
  });

  test.each(['esp8266', 'esp32', 'esp32-s2', 'esp32-s3', 'esp32-c3', 'esp32-c6', 'esp32-h2', 'esp32-p4'])(
    '%s may be behind any bridge that such boards have: CP210x, CH340, CH343, CH9102',
    (id) => {
      expect(findBoard(id).usb).toEqual(
        expect.arrayContaining(['10c4:ea60', '1a86:7523', '1a86:55d3', '1a86:55d4']),
      );
    },
  );

  test.each([
    ['nano33ble', 'cortex-m4', '-mfloat-abi=softfp -mfpu=fpv4-sp-d16'],
    ['portenta-h7', 'cortex-m7', '-mfloat-abi=softfp -mfpu=fpv5-d16'],
    ['uno-r4-minima', 'cortex-m4', '-mfloat-abi=hard -mfpu=fpv4-sp-d16'],
    ['uno-r4-wifi', 'cortex-m4', '-mfloat-abi=hard -mfpu=fpv4-sp-d16'],
  ])("%s: an object of a model passes floats as its core's do, or they do not link", (id, cpu, float) => {
    expect(findBoard(id).compiler.flags.join(' ')).toBe(`-mcpu=${cpu} -mthumb ${float}`);
  });

  test("the first core with an ESP32-P4 is Espressif's 3.1.0", () => {
    expect(findBoard('esp32-p4').coreVersion! >= '3.1.0').toBe(true);
  });
});

const files = (board: string, format: FormatName, name = `${board}-${format}`): Record<string, string> =>
  Object.fromEntries(
    makeFirmware(folder, name, tinyModel(), board, format, 'tiny').firmware.files.map((file) => [
      file.path,
      file.content,
    ]),
  );

test('sketch.yaml: a profile with fqbn, platform, index and port; the sketch is named after its folder', () => {
  const sketch = files('esp32-c3', 'sketch', 'motion-1.x');
  expect(sketch['sketch.yaml'].split('\n').slice(1)).toEqual([
    'default_fqbn: esp32:esp32:esp32c3',
    'profiles:',
    '  esp32-c3:',
    '    fqbn: esp32:esp32:esp32c3',
    '    platforms:',
    `      - platform: esp32:esp32 (${findBoard('esp32-c3').coreVersion})`,
    '        platform_index_url: https://espressif.github.io/arduino-esp32/package_esp32_index.json',
    '    port_config:',
    '      baudrate: "115200"',
    '',
  ]);
  expect(sketch['motion-1.x.ino']).toBeDefined();
});

test('a library offers one header, hides nothing and has nothing that the index refuses', () => {
  const library = files('uno', 'arduino-library');
  const headers = Object.keys(library).filter((name) => name.startsWith('src/') && name.endsWith('.h'));
  expect(headers).toEqual(['src/tiny.h']);
  const entries = readdirSync(path.join(folder, 'uno-arduino-library'), {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of entries) {
    expect(entry.isFile() || entry.isDirectory(), entry.name).toBe(true); // no symlink
    expect(entry.name).not.toMatch(/^\.|^utility$|\.exe$/);
  }
});

/** As much of a core as the sketches ask for. */
const ARDUINO_H = `#pragma once
#include <stddef.h>
#include <stdint.h>
enum { A0 = 14 };
int analogRead(int);
unsigned long millis();
unsigned long micros();
void delay(unsigned long);
struct Port {
    void begin(unsigned long);
    int read();
    void flush();
    size_t write(uint8_t);
    size_t print(const char *);
    size_t print(char);
    size_t print(long);
    size_t print(double, int);
    size_t println();
};
extern Port Serial;
`;

test('C++ of every format is C++11 and still C++23: no designated initialiser, nothing narrowed', () => {
  mkdirSync(path.join(folder, 'core'));
  writeFileSync(path.join(folder, 'core', 'Arduino.h'), ARDUINO_H);
  const warnings = WARNINGS.filter((flag) => flag !== '-Wstrict-prototypes'); // of C alone
  const strict = ['-pedantic-errors', ...warnings, '-fsyntax-only'];
  // avr-libc's registers and pgm_read are not written for these.
  const avrWarnings = strict.filter((flag) => !/conversion|cast-qual/.test(flag));
  for (const [kind, model] of Object.entries({ classes: tinyModel(), numbers: tinyRegression() })) {
    for (const format of ['sketch', 'arduino-library', 'platformio'] as const) {
      const { directory, firmware } = makeFirmware(
        folder,
        `${kind}-${format}`,
        model,
        'zero',
        format,
        'tiny',
      );
      const sources = firmware.files.map((file) => file.path).filter((name) => /\.(ino|cpp)$/.test(name));
      expect(sources.length).toBeGreaterThan(2);
      const includes = ['-isystem', '../core', '-Isrc', '-Ilib/tiny/src', '-DARDUINO=10819'];
      // The cores of ESP32 and RP2040 compile C++23 and C++17, in which more is deprecated.
      for (const compiler of ['g++', 'clang++'])
        for (const standard of ['-std=gnu++11', '-std=gnu++2b'])
          execFileSync(compiler, [...strict, standard, ...includes, '-x', 'c++', ...sources], {
            cwd: directory,
            stdio: 'pipe',
          });
      // The part of a bare AVR, and of its core, is not for this computer.
      const avr = ['-mmcu=atmega328p', '-DF_CPU=16000000UL'];
      const main =
        format === 'platformio' ? 'src/main.cpp' : sources.find((name) => /erify|^[^/]*$/.test(name))!;
      execFileSync(
        'avr-gcc',
        ['-std=gnu++11', ...avrWarnings, ...avr, '-Isrc', '-Ilib/tiny/src', '-x', 'c++', main],
        {
          cwd: directory,
          stdio: 'pipe',
        },
      );
    }
  }
});

/** Calls as `gcc -fcallgraph-info` writes them; those that lead back to their caller. */
function recursiveCalls(graph: string): string[] {
  let calls = Array.from(graph.matchAll(/edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/g), (found) =>
    found.slice(1),
  );
  for (let count = Infinity; calls.length < count;) {
    count = calls.length;
    const callers = new Set(calls.map(([caller]) => caller));
    calls = calls.filter(([, called]) => callers.has(called));
  }
  return calls.map((call) => call.join(' calls '));
}

test.each(['uno', 'esp32-c3', 'nano33ble', 'pico', 'esp8266', 'esp32', 'host'])(
  'the model for %s has types of fixed width, no heap, no recursion and no array of variable length',
  (board) => {
    const models = {
      classes: tinyModel(),
      numbers: tinyRegression(),
      deep: benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3 }, 4),
      sigmoid: benchModel({ name: 'm', widths: [40, 23, 12], zeros: 0.3, activation: 'sigmoid' }),
    };
    for (const [kind, model] of Object.entries(models)) {
      const { directory, firmware } = makeFirmware(folder, `${board}-${kind}`, model, board, 'c', 'm');
      for (const { path: name, content } of firmware.files.filter((file) => /^m\.[ch]$/.test(file.path))) {
        const code = content.replace(/\/\*[^]*?\*\/|"[^"\n]*"/g, '');
        expect(
          code.match(/\b(int|long|short|signed|unsigned|double|malloc|calloc|realloc|alloca)\b/g),
          name,
        ).toBe(null);
      }
      execFileSync('gcc', ['-std=c99', '-O0', '-Wvla', '-Werror', '-fcallgraph-info', '-c', 'm.c'], {
        cwd: directory,
        stdio: 'pipe',
      });
      const graph = readFileSync(path.join(directory, 'm.ci'), 'utf8');
      expect(graph).toContain('edge: { sourcename: "m_predict" targetname: "m_forward"');
      expect(recursiveCalls(graph)).toEqual([]);
    }
  },
);

test('Node 20.19 is the oldest that may run, and the tools are those that run on it', () => {
  interface Manifest {
    type: string;
    engines: { node: string };
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  }
  const read = (name: string): Manifest =>
    JSON.parse(readFileSync(path.join(PACKAGE_ROOT, name), 'utf8')) as Manifest;
  const manifest = read('package.json');
  expect(manifest).toMatchObject({ type: 'module', engines: { node: '>=20.19' } });
  expect(manifest.dependencies.commander).toMatch(/^\^14\./);
  expect(manifest.devDependencies.vitest).toMatch(/^\^4\./);
});
