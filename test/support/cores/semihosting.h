/* Semihosting as Arm and RISC-V have it: the program asks the simulator to write and to end. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include "core.h"

#define SYS_OPEN 0x01u
#define SYS_WRITE 0x05u
#define SYS_EXIT 0x18u
#define APPLICATION_EXIT 0x20026u

int main(void);

static uint32_t semihosting(uint32_t operation, const void *argument)
{
#if defined(__riscv)
    register uint32_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    /* The three instructions that mark a call, which must not be compressed. */
    __asm__ volatile(".option push\n\t.option norvc\n\t.balign 16\n\t"
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

void core_write(const void *bytes, uint32_t count)
{
    static const char console[] = ":tt";
    const uint32_t open[3] = {(uint32_t)console, 4u, sizeof console - 1u};
    static uint32_t handle;
    uint32_t write[3];
    if (handle == 0u) {
        handle = semihosting(SYS_OPEN, open);
    }
    write[0] = handle;
    while (count > 0u) { /* the answer is how many bytes could not be written yet */
        write[1] = (uint32_t)bytes;
        write[2] = count;
        write[2] = semihosting(SYS_WRITE, write);
        bytes = (const uint8_t *)bytes + (count - write[2]);
        count = write[2];
    }
}

static void run_main(void)
{
    (void)main();
    (void)semihosting(SYS_EXIT, (const void *)APPLICATION_EXIT);
    for (;;) {
    }
}

#endif
