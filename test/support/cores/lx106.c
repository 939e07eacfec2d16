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

/* On the ESP8266 it is in ROM, and Debian's libgcc leaves it out: 64-bit product from 16-bit halves. */
uint64_t __muldi3(uint64_t a, uint64_t b);
uint64_t __muldi3(uint64_t a, uint64_t b)
{
    const uint32_t a_low = (uint32_t)a & 0xffffu;
    const uint32_t a_high = (uint32_t)a >> 16;
    const uint32_t b_low = (uint32_t)b & 0xffffu;
    const uint32_t b_high = (uint32_t)b >> 16;
    const uint32_t middle = a_high * b_low + ((a_low * b_low) >> 16);
    const uint32_t other = a_low * b_high + (middle & 0xffffu);
    const uint32_t low = (other << 16) | ((a_low * b_low) & 0xffffu);
    const uint32_t carried = a_high * b_high + (middle >> 16) + (other >> 16);
    const uint32_t high = carried + (uint32_t)(a >> 32) * (uint32_t)b + (uint32_t)a * (uint32_t)(b >> 32);
    return ((uint64_t)high << 32) | low;
}
