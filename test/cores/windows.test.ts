import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { randomSamples, rareSamples } from '../../bench/cost-samples.js';
import { findBoard } from '../../model/board.js';
import { writeCoreBatch } from '../support/core-batch.js';
import {
  compileForCore,
  compileSized,
  CORE_BOARDS,
  CORE_TARGETS,
  linkForCore,
  runOnCore,
} from '../support/core-program.js';
import { stackOf } from '../support/xtensa-stack.js';

/** What is measured where registers come in windows: of instructions none that spill and fetch them, of the stack all of it. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-windows-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Calls within calls, more than there are registers for. */
const CALLS = 10;
const chain = Array.from(
  { length: CALLS },
  (_, k) => `"chain${k}: entry a1, 32\\ncall8 chain${k + 1}\\nretw\\n"`,
);
const INSTRUCTIONS = 1 + 3 * CALLS + 2;

/** Functions with frames of other sizes, of which the innermost one tells where its stack ends. */
const MODELS = `
#include <stdint.h>
__asm__(".global chain0\\n" ".balign 4\\n" ${chain.join(' ".balign 4\\n" ')} ".balign 4\\n" "chain${CALLS}: entry a1, 32\\nretw\\n");

#define APART __attribute__((noinline))
uint32_t lowest;
APART static void touch(volatile uint8_t *bytes, uint32_t count)
{
    uint32_t pointer;
    while (count-- > 0u) bytes[count] = 1u;
    __asm__ volatile("mov %0, a1" : "=r"(pointer));
    lowest = pointer;
}
APART static void third(void) { volatile uint8_t bytes[40]; touch(bytes, 40u); }
APART static void second(void) { volatile uint8_t bytes[200]; touch(bytes, 200u); third(); }
APART void first(void) { second(); }
`;

const MAIN = `
#include "core.h"
void chain0(const uint8_t *x, int32_t *y);
void first(void);
extern uint32_t lowest;
static uint8_t x[1];
static int32_t y[1];
int main(void)
{
    uint32_t told = core_count(chain0, x, y);
    core_write(&told, sizeof told);
    first();
    __asm__ volatile("mov %0, a1" : "=r"(told));
    told -= lowest;
    core_write(&told, sizeof told);
    return 0;
}
`;

test.each(['lx6', 'lx7'] as const)('%s', async (core) => {
  const file = (name: string): string => path.join(folder, name);
  writeFileSync(file('models.c'), MODELS);
  writeFileSync(file('main.c'), MAIN);
  await compileForCore(core, file('models.c'), file('models.o'), ['-Os']);
  const bytes = await runOnCore(core, await linkForCore(core, folder, file('main.c')));
  const { ticksPerInstruction, callInstructions } = CORE_TARGETS[core];
  expect(callInstructions + Math.round(bytes.readUInt32LE(0) / ticksPerInstruction)).toBe(INSTRUCTIONS);
  expect(stackOf(readFileSync(file('models.o.s'), 'utf8'), 'first')).toBe(bytes.readUInt32LE(4));
});

/** So that what was learnt of one is known of the other. */
test('LX6 and LX7 get the same code', async () => {
  const samples = [...randomSamples(24, 77), ...rareSamples(['packed', 'few', 'halves', 'whole'], 8, 77)];
  const [one, other] = await Promise.all(
    (['lx6', 'lx7'] as const).map(async (core) => {
      const place = path.join(folder, `code-${core}`);
      const known = findBoard(CORE_BOARDS[core]);
      const cases = samples.map(({ compact, ...sample }) => {
        return { ...sample, board: compact ? { ...known, flashBytes: null } : known };
      });
      writeCoreBatch(place, cases);
      await compileSized(core, place, ['-Os']);
      return readFileSync(path.join(place, 'sized.o.s'), 'utf8');
    }),
  );
  expect(other).toBe(one);
  expect(one.length).toBeGreaterThan(100_000);
});
