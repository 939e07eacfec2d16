/* QEMU's MPS2 board (Cortex-M4) or micro:bit (Cortex-M0), with SysTick as the counter. */
#include "count.h"
#include "semihosting.h"

#define SYST_CSR (*(volatile uint32_t *)0xE000E010)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018)
#define SYST_CLOCK_AND_ENABLE 5u
#define SYST_MAXIMUM 0xFFFFFFu

void core_run(void);
extern uint32_t stack_top[];

__attribute__((section(".vectors"), used)) const void *const vectors[2] = {stack_top, (const void *)core_run};

void core_run(void)
{
    SYST_RVR = SYST_MAXIMUM;
    SYST_CVR = 0;
    SYST_CSR = SYST_CLOCK_AND_ENABLE;
    run_main();
}

/* Its 24 bits, counting up, in the upper bits: differences wrap around as those of 32 bits. */
uint32_t core_ticks(void)
{
    return (SYST_MAXIMUM - SYST_CVR) << 8;
}
