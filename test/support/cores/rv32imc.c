/* QEMU's `virt` machine, with its RAM at 0x80000000. */
#include "count.h"
#include "semihosting.h"

__attribute__((naked, section(".start"))) void _start(void)
{
    __asm__("la sp, stack_top\n\t"
            "j core_run");
}

__attribute__((used)) void core_run(void)
{
    run_main();
}

uint32_t core_ticks(void)
{
    uint32_t retired;
    __asm__ volatile(".option arch, +zicsr\n\tcsrr %0, minstret" : "=r"(retired));
    return retired;
}
