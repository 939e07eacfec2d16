import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { hostProcessBinding } from '../../harness/host-process.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSession } from '../../harness/session.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import {
  ANSWER_BIT,
  decodeStack,
  encodeData,
  encodeFrame,
  frameDecoder,
  REQUEST,
  type Frame,
} from '../../model/protocol.js';
import { CORE_TARGETS, runOnCore } from '../support/core-program.js';
import { writeStub } from './fixtures/stub-firmware.js';

/**
 * The verification sketch over stand-ins for Arduino cores, each with the names that the core itself has: what it counts, and
 * how deep it says that its stack has been.
 */

/** What every core has; none of these says how fast its processor is. */
const CORE = `#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
extern "C" uint32_t time_now; /* the forward pass takes its time */
struct Port {
    void begin(unsigned long) {}
    void flush() {}
    void write(uint8_t byte) { putchar(byte); }
    int read()
    {
        fflush(stdout);
        int byte = getchar();
        if (byte == EOF) exit(0);
        return byte;
    }
};
static Port Serial;
static inline unsigned long micros() { return time_now += 3; }
`;
/** \`getCycleCount\` and the rest as in the cores' Esp.h. */
const ESP = (members: string): string => `${CORE}
struct Esp {
    uint32_t getCycleCount() { return time_now += 3; }
    uint8_t getCpuFreqMHz() { return 80; }
    ${members}
};
static Esp ESP;
`;
const MAIN = `#include <stdint.h>
extern "C" uint32_t time_now;
uint32_t time_now;
void setup(void);
void loop(void);
int main(void)
{
    setup();
    for (;;) loop();
}
`;

test.each([
  ['of any processor', '', CORE, 1_000_000, null],
  [
    'of ESP32',
    '-DESP32',
    `${ESP('')}
#include <stddef.h>
static inline size_t getArduinoLoopTaskStackSize() { return 8192; }
static inline unsigned uxTaskGetStackHighWaterMark(void *) { return 7000; }\n`,
    80_000_000,
    1192,
  ],
  ['of ESP8266', '-DESP8266', ESP('uint32_t getFreeContStack() { return 3000; }'), 80_000_000, 1096],
])('a core %s', async (_, flag, header, clockHz, stackBytes) => {
  const shape = { features: 4, outputs: 3, rawType: 'int16' } as const;
  const spoil = 'extern uint32_t time_now; time_now += 37;';
  const { directory, modelHash } = writeStub('uno', shape, { spoil });
  writeFileSync(path.join(directory, 'Arduino.h'), header);
  writeFileSync(path.join(directory, 'cont.h'), '#define CONT_STACKSIZE 4096\n');
  writeFileSync(path.join(directory, 'main.cpp'), MAIN);
  const flags = [
    '-std=gnu++11',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-DARDUINO=10819',
    '-I.',
    ...(flag ? [flag] : []),
  ];
  const run = (...words: string[]) => execFileSync(words[0], words.slice(1), { cwd: directory });
  run('gcc', '-std=c99', '-c', 'src/stub.c', '-o', 'stub.o');
  run('gcc', '-std=c99', '-c', 'src/stub_link.c', '-o', 'link.o');
  run(
    'g++',
    ...flags,
    '-x',
    'c++',
    'stub.ino',
    'main.cpp',
    '-x',
    'none',
    'stub.o',
    'link.o',
    '-o',
    'program',
  );
  const port = await openPort(hostProcessBinding, path.join(directory, 'program'), 115_200);
  try {
    const session = await openSession(port, { modelHash, baudRate: 115_200 });
    expect(session.hello.clockHz).toBe(clockHz);
    for (const row of [0, 1]) expect((await session.run(Int32Array.of(row, 2, 3, 4))).cycles).toBe(37);
    expect(await session.stackBytes()).toBe(stackBytes);
  } finally {
    await closePort(port);
  }
});

/** The port over semihosting; what is read ends with the questions, and then so does the program. */
const ARM_CORE = `#pragma once
#include <stdint.h>
#include <unistd.h>
extern "C" void core_read(void *bytes, uint32_t count);
extern "C" void core_write(const void *bytes, uint32_t count);
extern int questions_left;
struct Port {
    void begin(unsigned long) {}
    void flush() {}
    void write(uint8_t byte) { core_write(&byte, 1); }
    int read()
    {
        uint8_t byte;
        if (questions_left == 0) return -1;
        questions_left--;
        core_read(&byte, 1);
        return byte;
    }
};
static Port Serial;
static inline unsigned long micros() { return 0; }
`;
const armMain = (questions: number): string => `#include <stddef.h>
#include <stdint.h>
int questions_left = ${questions};
extern uint8_t heap_end __asm__("test_heap_end");
extern "C" void *sbrk(ptrdiff_t) { return &heap_end; }
void setup(void);
void loop(void);
extern "C" int main(void)
{
    setup();
    while (questions_left > 0) loop();
    return 0;
}
`;
/** Where the micro:bit's RAM ends, and so many bytes below it. */
const STACK_TOP = 0x20004000;
const ROOM = 0x1000;
const [LITTLE, MUCH] = [500, 1500];

/** What the sketch answers when it is asked for its stack after a row whose forward pass takes `taken` bytes of it. */
async function armStack(
  core: string,
  symbols: Readonly<Record<string, number>>,
  taken: number,
): Promise<number | null> {
  const spoil = `volatile uint8_t deep[${taken}]; deep[0] = 1; deep[${taken - 1}] = deep[0];`;
  const { directory } = writeStub('uno', { features: 4, outputs: 3, rawType: 'int16' }, { spoil });
  const questions = Buffer.concat([
    encodeFrame({ sequence: 1, type: REQUEST.run, payload: encodeData(0, Int32Array.of(1, 2, 3, 4), 2) }),
    encodeFrame({ sequence: 2, type: REQUEST.stack, payload: new Uint8Array() }),
  ]);
  writeFileSync(path.join(directory, 'Arduino.h'), ARM_CORE);
  writeFileSync(path.join(directory, 'main.cpp'), armMain(questions.length));
  const { flags } = CORE_TARGETS['cortex-m0plus'];
  const cores = path.join(PACKAGE_ROOT, 'test', 'support', 'cores');
  const strict = [...flags, '-O2', '-Wall', '-Wextra', '-Werror', '-ffunction-sections'];
  const run = (compiler: string, ...words: string[]) =>
    execFileSync(`arm-none-eabi-${compiler}`, [...strict, ...words], { cwd: directory });
  const cpp = [
    '-std=gnu++11',
    '-fno-exceptions',
    '-DARDUINO=10819',
    ...`-DARDUINO_ARCH_${core}`.split(' '),
    '-I.',
    '-x',
    'c++',
  ];
  run('g++', ...cpp, '-c', 'stub.ino', '-o', 'sketch.o');
  run('g++', ...cpp, '-c', 'main.cpp', '-o', 'main.o');
  for (const name of ['stub', 'stub_link']) run('gcc', '-std=c99', '-c', `src/${name}.c`, '-o', `${name}.o`);
  run('gcc', '-I', cores, '-c', path.join(cores, 'cortex-m.c'), '-o', 'start.o');
  const defined = Object.entries({ test_heap_end: 0, ...symbols });
  const objects = ['start', 'main', 'sketch', 'stub', 'stub_link'].map((name) => `${name}.o`);
  run(
    'gcc',
    ...[
      '-nostdlib',
      '-T',
      path.join(cores, 'cortex-m0plus.ld'),
      '-Wl,--gc-sections',
      ...objects,
      '-lc',
      '-lgcc',
    ],
    ...defined.map(([name, value]) => `-Wl,--defsym,${name}=${value}`),
    ...['-o', 'sketch.elf'],
  );
  const said = await runOnCore('cortex-m0plus', path.join(directory, 'sketch.elf'), questions);
  const answer = frameDecoder()
    .push(said)
    .find((event) => 'sequence' in event && event.sequence === 2);
  expect(answer).toMatchObject({ type: REQUEST.stack | ANSWER_BIT });
  return decodeStack((answer as Frame).payload);
}

test.each([
  ['SAMD', 'test_heap_end'],
  ['RENESAS', '__StackLimit'],
  ['RP2040', '__scratch_y_end__'],
])('a core for %s, in QEMU: the paint tells how deep the stack has been', async (core, lowest) => {
  const symbols = { __StackTop: STACK_TOP, [lowest]: STACK_TOP - ROOM };
  const [little, much] = [await armStack(core, symbols, LITTLE), await armStack(core, symbols, MUCH)];
  expect(little).toBeGreaterThan(LITTLE);
  expect(little).toBeLessThan(LITTLE + 200);
  expect(Math.abs(much! - little! - (MUCH - LITTLE))).toBeLessThanOrEqual(16);
  // As a thread's: not between the ends that the linker names.
  for (const [end, start] of [
    [STACK_TOP, STACK_TOP - 16],
    [STACK_TOP - ROOM, STACK_TOP - 2 * ROOM],
  ])
    expect(await armStack(core, { __StackTop: end, [lowest]: start }, LITTLE)).toBe(0);
});

test('a core with threads says nothing of its stack', async () => {
  expect(await armStack('MBED', {}, LITTLE)).toBe(0);
  expect(await armStack('MBED -DARDUINO_ARCH_RP2040', {}, LITTLE)).toBe(0);
});
