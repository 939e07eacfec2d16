import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { hostProcessBinding } from '../../harness/host-process.js';
import { closePort, openPort } from '../../harness/port.js';
import { openSession } from '../../harness/session.js';
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
