/* QEMU's `sim` machine: code in its system ROM, data in its system RAM, calls to the simulator by SIMCALL. */
#include "core.h"

#define SYS_EXIT 1
#define SYS_WRITE 4
#define STDOUT 1

int main(void);

__asm__(".section .start, \"ax\"\n"
        ".global _start\n"
        "_start: j 1f\n"
        ".align 4\n"
        "top: .word stack_top\n"
        "run: .word core_run\n"
        "1: l32r a1, top\n"
        "l32r a0, run\n"
        "callx0 a0\n"
        ".text\n");

static int simcall(int call, int a, const void *b, uint32_t c)
{
    register int a2 __asm__("a2") = call;
    register int a3 __asm__("a3") = a;
    register const void *a4 __asm__("a4") = b;
    register uint32_t a5 __asm__("a5") = c;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return a2;
}

__attribute__((used)) void core_run(void)
{
    (void)main();
    (void)simcall(SYS_EXIT, 0, 0, 0);
    for (;;) {
    }
}

void core_write(const void *bytes, uint32_t count)
{
    while (count > 0u) {
        const int written = simcall(SYS_WRITE, STDOUT, bytes, count);
        if (written > 0) {
            bytes = (const uint8_t *)bytes + written;
            count -= (uint32_t)written;
        }
    }
}

uint32_t core_ticks(void)
{
    uint32_t count;
    __asm__ volatile("rsr.ccount %0" : "=r"(count));
    return count;
}
