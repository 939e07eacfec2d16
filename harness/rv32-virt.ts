import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../model/problem.js';
import { makeBuildFolder, writingBuild } from './build-folder.js';
import { readManifest } from './build.js';
import { programFiles } from './program-files.js';
import { findTool, requireTools } from './toolchains.js';

/**
 * The link and the model of a generated folder as a program for QEMU's RISC-V machine `virt`, which has the processor of
 * an ESP32-C3 (RV32IMC) and a serial port, but none of its other peripherals. QEMU's documentation: system/riscv/virt.
 */

const COMPILER = 'riscv64-unknown-elf-gcc';
const MILLISECONDS = 120_000;

/** RAM starts at 0x80000000; 8 MB of it are more than any such chip has. */
const LINKER_SCRIPT = `ENTRY(_start)
SECTIONS
{
    . = 0x80000000;
    .text : { KEEP(*(.start)) *(.text*) *(.rodata* .srodata*) }
    .data : { *(.data* .sdata*) }
    .bss : { *(.bss* .sbss* COMMON) }
    program_end = .;
    stack_top = 0x80000000 + 0x800000;
}
`;

/** The port is a NS16550A: data at its first register, bit 0 of the sixth tells of a byte, bit 5 of room for one. */
const mainSource = (name: string): string => `#include <stddef.h>
#include <stdint.h>

#include "${name}_link.h"

#define UART ((volatile uint8_t *)0x10000000)
#define PAINT 0xA5U
#define PAINTED 65536

extern uint8_t stack_top[];

__attribute__((naked, section(".start"))) void _start(void)
{
    __asm__("la sp, stack_top\\n\\tj program");
}

int ${name}_port_read(void)
{
    return (UART[5] & 1U) != 0U ? UART[0] : -1;
}

void ${name}_port_write(uint8_t byte)
{
    while ((UART[5] & 0x20U) == 0U) {
    }
    UART[0] = byte;
}

uint32_t ${name}_port_clock_hz(void)
{
    return 0; /* the machine's cycles are this computer's time */
}

void ${name}_port_cycles_start(void)
{
}

uint32_t ${name}_port_cycles_stop(void)
{
    return 0;
}

uint32_t ${name}_port_stack_bytes(void)
{
    const uint8_t *byte = stack_top - PAINTED;

    while (byte < stack_top && *byte == PAINT) {
        byte++;
    }
    return (uint32_t)(stack_top - byte);
}

/* Compilers call these by themselves. */
void *memset(void *to, int value, size_t count)
{
    volatile uint8_t *byte = to;

    while (count-- > 0) {
        *byte++ = (uint8_t)value;
    }
    return to;
}

void *memcpy(void *to, const void *from, size_t count)
{
    volatile uint8_t *byte = to;
    const uint8_t *source = from;

    while (count-- > 0) {
        *byte++ = *source++;
    }
    return to;
}

__attribute__((used, noreturn)) void program(void)
{
    volatile uint8_t *byte = stack_top - PAINTED;

    while (byte < (volatile uint8_t *)__builtin_frame_address(0) - 64) {
        *byte++ = PAINT;
    }
    ${name}_link_begin();
    for (;;) {
        ${name}_link_poll();
    }
}
`;

/** Compiles a folder of any format into its `build/`; the program's file. Throws a `Problem`: `missing-tool`, `build-failed`. */
export async function buildForVirt(directory: string): Promise<string> {
  requireTools([COMPILER]);
  const manifest = readManifest(directory);
  const { name } = manifest;
  const out = makeBuildFolder(path.resolve(directory), 'qemu');
  writingBuild(out, () => {
    writeFileSync(path.join(out, 'main.c'), mainSource(name));
    writeFileSync(path.join(out, 'virt.ld'), LINKER_SCRIPT);
  });
  const files = programFiles(manifest);
  const sources = files.sources
    .filter((file) => [`${name}.c`, `${name}_link.c`].includes(path.posix.basename(file)))
    .map((file) => path.resolve(directory, file));
  const folders = new Set([
    ...sources.map((file) => path.dirname(file)),
    ...files.includes.map((folder) => path.resolve(directory, folder)),
  ]);
  const elf = path.join(out, `${name}.elf`);
  const flags = [
    '-march=rv32imc',
    '-mabi=ilp32',
    '-mcmodel=medany',
    '-O2',
    '-ffreestanding',
    '-nostdlib',
    '-Wall',
  ];
  const includes = [...folders].flatMap((folder) => ['-I', folder]);
  const link = ['-T', path.join(out, 'virt.ld'), path.join(out, 'main.c'), ...sources, '-lgcc', '-o', elf];
  try {
    await promisify(execFile)(findTool(COMPILER) ?? COMPILER, [...flags, ...includes, ...link], {
      timeout: MILLISECONDS,
    });
    return elf;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? String(error);
    const first =
      said.split('\n').find((line) => /error|undefined reference|multiple definition/.test(line)) ??
      said.trim();
    throw new Problem({ kind: 'toolchain', code: 'build-failed', message: first, file: directory });
  }
}
