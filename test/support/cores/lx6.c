/*
 * QEMU's `sim` machine with a dc233c: windowed registers as on LX6, all in its system RAM. Calls to the simulator by
 * SIMCALL, which LLVM's assembler does not know, so here are its bytes.
 */
#include "muldi3.h"
#include "count.h"
#include "simcall.h"

/*
 * Calls deeper than the registers spill those of the outermost frame to its stack, and returns fetch them again: after four
 * calls on a dc233c, which has 32 registers, after eight on LX6 and LX7, which have 64. How often depends on the rest of the
 * program; so each handler adds to MISC0 its own instructions and the one that is begun anew after it, to be taken off. By
 * architecture a handler has 64 bytes; compilers only make calls that turn by 8, and the start below turns by 4. Xtensa
 * Instruction Set Architecture Reference Manual, 4.7.1.
 */
#define HANDLED(instructions) "rsr a0, misc0\n" "addi a0, a0, " instructions "\n" "wsr a0, misc0\n"
__asm__(".section .vectors, \"ax\"\n"
        "vectors:\n"
        "s32e a0, a5, -16\n"
        "s32e a1, a5, -12\n"
        "s32e a2, a5, -8\n"
        "s32e a3, a5, -4\n"
        HANDLED("9")
        "rfwo\n"
        ".balign 64\n"
        HANDLED("9")
        "l32e a0, a5, -16\n"
        "l32e a1, a5, -12\n"
        "l32e a2, a5, -8\n"
        "l32e a3, a5, -4\n"
        "rfwu\n"
        ".balign 64\n"
        "s32e a0, a9, -16\n"
        "l32e a0, a1, -12\n"
        "s32e a1, a9, -12\n"
        "s32e a2, a9, -8\n"
        "s32e a3, a9, -4\n"
        "s32e a4, a0, -32\n"
        "s32e a5, a0, -28\n"
        "s32e a6, a0, -24\n"
        "s32e a7, a0, -20\n"
        HANDLED("14")
        "rfwo\n"
        ".balign 64\n"
        HANDLED("14")
        "l32e a0, a9, -16\n"
        "l32e a1, a9, -12\n"
        "l32e a2, a9, -8\n"
        "l32e a7, a1, -12\n"
        "l32e a3, a9, -4\n"
        "l32e a4, a7, -32\n"
        "l32e a5, a7, -28\n"
        "l32e a6, a7, -24\n"
        "l32e a7, a7, -20\n"
        "rfwu\n"
        ".section .start, \"ax\"\n"
        ".global _start\n"
        "_start: j 1f\n"
        ".balign 4\n"
        "words: .long vectors, 0x40020, stack_top, core_run\n" /* 0x40020: windows on, exceptions allowed */
        "1: l32r a2, words\n"
        "wsr a2, vecbase\n"
        "l32r a2, words + 4\n"
        "wsr a2, ps\n"
        "rsync\n"
        "movi a2, 0\n"
        "wsr a2, misc0\n"
        "l32r a1, words + 8\n"
        "l32r a4, words + 12\n"
        "callx4 a4\n"
        ".text\n"
        ".balign 4\n"
        ".global simcall\n"
        "simcall: entry a1, 32\n"
        ".byte 0x00, 0x51, 0x00\n"
        "retw\n");

/* QEMU's clock gets 1,024 ns ahead with each instruction, a dc233c's counter 10 with each microsecond: 10.24. */
#define TICKS(instructions) (10u * (instructions) + 6u * (instructions) / 25u)

uint32_t core_ticks(void)
{
    uint32_t count;
    uint32_t handled;
    __asm__ volatile("rsr %0, ccount\n\trsr %1, misc0" : "=r"(count), "=r"(handled));
    return count - TICKS(handled);
}
