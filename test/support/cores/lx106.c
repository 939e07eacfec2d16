/* QEMU's `sim` machine: code in its system ROM, data in its system RAM, calls to the simulator by SIMCALL. */
#include "count.h"
#include "simcall.h"
#include "muldi3.h" /* on the ESP8266 both are in ROM */
#include "udivsi3.h"


__asm__(".section .start, \"ax\"\n"
        ".global _start\n"
        "_start: j 1f\n"
        ".align 4\n"
        "top: .word stack_top\n"
        "run: .word core_run\n"
        "1: l32r a1, top\n"
        "l32r a0, run\n"
        "callx0 a0\n"
        ".section .data.writable, \"aw\"\n"
        ".word 0\n"
        ".text\n");

int32_t simcall(uint32_t call, uint32_t file, const void *bytes, uint32_t count)
{
    register uint32_t a2 __asm__("a2") = call;
    register uint32_t a3 __asm__("a3") = file;
    register const void *a4 __asm__("a4") = bytes;
    register uint32_t a5 __asm__("a5") = count;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return (int32_t)a2;
}

uint32_t core_ticks(void)
{
    uint32_t count;
    __asm__ volatile("rsr.ccount %0" : "=r"(count));
    return count;
}
