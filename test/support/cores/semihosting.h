/* Semihosting as Arm and RISC-V have it: the program asks the simulator to write and to end. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include "core.h"

#define SYS_OPEN 0x01u
#define SYS_WRITE 0x05u
#define SYS_READ 0x06u
#define MODE_READ 0u
#define MODE_WRITE 4u
#define SYS_EXIT 0x18u
#define APPLICATION_EXIT 0x20026u

int main(void);

static uint32_t semihosting(uint32_t operation, const void *argument)
{
#if defined(__riscv)
    register uint32_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    /* The three instructions that mark a call, which must not be compressed. */
    __asm__ volatile(".option push\n\t.balign 16\n\t.option norvc\n\t"
                     "slli zero, zero, 0x1f\n\tebreak\n\tsrai zero, zero, 7\n\t.option pop"
                     : "+r"(a0) : "r"(a1) : "memory");
    return a0;
#else
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
#endif
}

static uint32_t open_console(uint32_t mode)
{
    static const char console[] = ":tt";
    const uint32_t open[3] = {(uint32_t)console, mode, sizeof console - 1u};
    return semihosting(SYS_OPEN, open);
}

static void transfer(uint32_t operation, uint32_t handle, const void *bytes, uint32_t count)
{
    while (count > 0u) { /* the answer is how many bytes are left */
        const uint32_t block[3] = {handle, (uint32_t)bytes, count};
        const uint32_t left = semihosting(operation, block);
        bytes = (const uint8_t *)bytes + (count - left);
        count = left;
    }
}

void core_read(void *bytes, uint32_t count)
{
    static uint32_t handle;
    if (handle == 0u) {
        handle = open_console(MODE_READ);
    }
    transfer(SYS_READ, handle, bytes, count);
}

void core_write(const void *bytes, uint32_t count)
{
    static uint32_t handle;
    if (handle == 0u) {
        handle = open_console(MODE_WRITE);
    }
    transfer(SYS_WRITE, handle, bytes, count);
}

static void run_main(void)
{
    (void)main();
    (void)semihosting(SYS_EXIT, (const void *)APPLICATION_EXIT);
    for (;;) {
    }
}

#endif
