import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { flashFirmware } from '../../harness/flash.js';
import type { ProblemDetails } from '../../model/problem.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { problemOf } from '../support/problem-of.js';

/** Stand-ins for pio and idf.py fail as the real ones do. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-project-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());
const SYSTEM = process.env.PATH;
/** No port, but there. */
const PORT = path.join(folder, 'ttyUSB7');
writeFileSync(PORT, '');
let made = 0;

function install(tool: string, script: string): void {
  const place = mkdtempSync(path.join(folder, 'bin-'));
  writeFileSync(path.join(place, tool), `#!/bin/sh\nPATH=${SYSTEM}\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', place);
}

const PIO_START = `Processing uno (platform: atmelavr; board: uno; framework: arduino)
CONFIGURATION: https://docs.platformio.org/page/boards/atmelavr/uno.html
Building in release mode
Compiling build/pio/build/uno/lib3f1/tiny/tiny.c.o`;
const PIO_END = '========================= [FAILED] Took 1.62 seconds =========================';
const IDF_START = `Executing action: all (aliases: build)
Running ninja in directory build/idf
[7/1034] Building C object esp-idf/tiny/CMakeFiles/__idf_tiny.dir/src/tiny.c.obj
FAILED: esp-idf/tiny/CMakeFiles/__idf_tiny.dir/src/tiny.c.obj
riscv32-esp-elf-gcc -Werror=all -Wno-error=unused-function -c src/tiny.c`;
const IDF_END = `ninja: build stopped: subcommand failed.
ninja failed with exit code 1, output of the command is in the build/idf/log/idf_py_stderr_output_9 and build/idf/log/idf_py_stdout_output_9`;

/** What both say when they fail, put together from logs in reports of faults: on standard output, and on standard error. */
const FAILURES: Readonly<
  Record<string, ['pio' | 'idf.py', string, string, Partial<ProblemDetails> & { readonly mend?: RegExp }]>
> = {
  'a fault in the source': [
    'pio',
    `${PIO_START}\n${PIO_END}`,
    "lib/tiny/src/tiny.c:41:5: error: unknown type name 'tiny_raw'\n*** [build/pio/build/uno/lib3f1/tiny/tiny.c.o] Error 1",
    { file: 'lib/tiny/src/tiny.c', line: 41, column: 5, message: "unknown type name 'tiny_raw'" },
  ],
  'a function that is nowhere': [
    'pio',
    `${PIO_START}\n${PIO_END}`,
    "ld: main.cpp.o: in function 'loop': undefined reference to 'tiny_predict'\ncollect2: error: ld returned 1 exit status",
    { message: "ld: main.cpp.o: in function 'loop': undefined reference to 'tiny_predict'" },
  ],
  'too much for the flash': [
    'pio',
    `${PIO_START}\nRAM:   [==        ]  18.3% (used 375 bytes from 2048 bytes)\n${PIO_END}`,
    'Error: The program size (34326 bytes) is greater than maximum allowed (32256 bytes)\n*** [checkprogsize] Explicit exit, status 1',
    {
      kind: 'fit',
      code: 'does-not-fit',
      message: 'Error: The program size (34326 bytes) is greater than maximum allowed (32256 bytes)',
    },
  ],
  'no network': [
    'pio',
    'Processing uno (platform: atmelavr; board: uno; framework: arduino)\nPlatform Manager: Installing atmelavr',
    '\u001b[31mInternetConnectionError: You are not connected to the Internet.\nPlatformIO needs the Internet connection to download dependent packages\u001b[0m',
    {
      message: 'InternetConnectionError: You are not connected to the Internet.',
      mend: /^the first build fetches/,
    },
  ],
  'no such package': [
    'pio',
    'Platform Manager: Installing atmelavr',
    "UnknownPackageError: Could not find the package with 'atmelavr' requirements for your system 'linux_x86_64'",
    {
      message: expect.stringContaining("'atmelavr' requirements") as string,
      mend: /^neurona generate --platform/,
    },
  ],
  'a fault in a source': [
    'idf.py',
    `${IDF_START}\n../../src/tiny.c:52:5: error: 'foo' undeclared (first use in this function)\n${IDF_END}`,
    '',
    { file: 'src/tiny.c', line: 52, column: 5, message: "'foo' undeclared (first use in this function)" },
  ],
  'too much for the partition': [
    'idf.py',
    `${IDF_START}
Error: app partition is too small for binary verify.bin size 0x170650:
  - Part 'factory' 0/0 @ 0x10000 size 0x100000 (overflow 0x70650)\n${IDF_END}`,
    '',
    {
      kind: 'fit',
      code: 'does-not-fit',
      message: 'Error: app partition is too small for binary verify.bin size 0x170650:',
    },
  ],
  'no compiler for the chip': [
    'idf.py',
    '-- The C compiler identification is unknown\n-- Configuring incomplete, errors occurred!',
    `CMake Error at /opt/idf/tools/cmake/project.cmake:308 (__project):
  The CMAKE_C_COMPILER:

    riscv32-esp-elf-gcc

  is not a full path and was not found in the PATH.

  Tell CMake where to find the compiler by setting either the environment
  variable "CC" or the CMake cache entry CMAKE_C_COMPILER to the full path.
Call Stack (most recent call first):
  CMakeLists.txt:4 (project)

cmake failed with exit code 1, output of the command is in the build/idf/log/idf_py_stderr_output_9`,
    {
      message:
        'CMake Error at /opt/idf/tools/cmake/project.cmake:308 (__project): The CMAKE_C_COMPILER: riscv32-esp-elf-gcc is not a full path and was not found in the PATH.',
      mend: /^\$IDF_PATH\/install\.sh esp32c3 && /,
    },
  ],
};
/** That they build, and leave what the real ones leave. */
const BUILDS = {
  pio: `place=build/pio/build/uno; mkdir -p "$place"; printf whole > "$place/firmware.elf"
echo 'RAM: (used 295 bytes from 2048 bytes)'; echo 'Flash: (used 6151 bytes from 32256 bytes)'`,
  'idf.py':
    'mkdir -p "$4"; printf whole > "$4/verify.elf"; printf whole > "$4/verify.bin"; echo 0 verify.bin > "$4/flash_args"',
};
const PROJECTS = { pio: ['uno', 'platformio'], 'idf.py': ['esp32-c3', 'esp-idf'] } as const;

/** Each as it is, and with the line ends of Windows. */
const FAILED = Object.entries(FAILURES).flatMap(
  ([name, failure]) =>
    [
      [name, '\n', failure],
      [`${name}, with CRLF`, '\r\n', failure],
    ] as const,
);

test.each(FAILED)(
  'a build that fails says where, what and what helps, and leaves the earlier one: %s',
  async (_, lineEnd, [tool, stdout, stderr, { mend = /^the whole log/, ...details }]) => {
    const [board, format] = PROJECTS[tool];
    const directory = makeFirmware(folder, `f${++made}`, tinyModel(), board, format, 'tiny').directory;
    install(tool, BUILDS[tool]);
    const { elf } = await buildFirmware(directory, { toolchain: tool });
    const before = readdirSync(path.join(directory, 'build')).sort();
    // The program that was being linked is half there.
    const half = BUILDS[tool].replaceAll('printf whole', 'printf ha').replace(/echo .*/g, '');
    const [said, complaint] = [stdout, stderr].map((text, k) => {
      const file = path.join(folder, `said-${k}`);
      writeFileSync(file, `${text}\n`.replaceAll('\n', lineEnd));
      return file;
    });
    install(tool, `${half}\ncat ${said}\ncat ${complaint} >&2\nexit 2`);
    const problem = await problemOf(buildFirmware(directory, { toolchain: tool }));
    const place = details.file === undefined ? {} : { file: path.join(directory, details.file) };
    expect(problem).toMatchObject({ kind: 'toolchain', code: 'build-failed', ...details, ...place });
    expect(problem.hint).toMatch(mend);
    expect(problem.hint).toMatch(/the whole log is .*build\.log; an earlier build.* is untouched$/);
    expect(readFileSync(elf, 'utf8')).toBe('whole');
    expect(readdirSync(path.join(directory, 'build')).sort()).toEqual(before);
    const log = readFileSync(path.join(directory, 'build', 'build.log'), 'utf8');
    for (const line of stripVTControlCharacters(`${stdout}\n${stderr}`).split('\n'))
      expect(log).toContain(line);
  },
);

test('after a build with ESP-IDF that failed, esptool does not get what lies there', async () => {
  const directory = makeFirmware(folder, `f${++made}`, tinyModel(), 'esp32-c3', 'esp-idf', 'tiny').directory;
  const flash = () => flashFirmware(directory, PORT, { tool: 'esptool' });
  const build = async (end: string): Promise<void> => {
    install('idf.py', `${BUILDS['idf.py']}\n${end}`);
    if (end === '') await buildFirmware(directory);
    else expect(await problemOf(buildFirmware(directory))).toMatchObject({ code: 'build-failed' });
    install('esptool', '');
  };
  await build('');
  await flash();
  await build('exit 2');
  const message = `the last build in ${path.join(directory, 'build', 'idf')} did not come to its end`;
  expect(await problemOf(flash())).toMatchObject({ code: 'not-built', message });
  await build('');
  await flash();
});
