/* What Xtensa programs ask of QEMU's `sim` machine; the including file says how a call is made. */
#ifndef SIMCALL_H
#define SIMCALL_H

#include "core.h"

#define SYS_EXIT 1u
#define SYS_READ 3u
#define SYS_WRITE 4u
#define STDIN 0u
#define STDOUT 1u

int main(void);
void core_run(void);
/* Bytes read or written; negative where that failed. */
int32_t simcall(uint32_t call, uint32_t file, const void *bytes, uint32_t count);

__attribute__((used)) void core_run(void)
{
    (void)main();
    (void)simcall(SYS_EXIT, 0u, 0, 0u);
    for (;;) {
    }
}

static void transfer(uint32_t call, uint32_t file, const void *bytes, uint32_t count)
{
    while (count > 0u) {
        const int32_t done = simcall(call, file, bytes, count);
        if (done <= 0) {
            (void)simcall(SYS_EXIT, 1u, 0, 0u);
        }
        bytes = (const uint8_t *)bytes + done;
        count -= (uint32_t)done;
    }
}

void core_read(void *bytes, uint32_t count)
{
    transfer(SYS_READ, STDIN, bytes, count);
}

void core_write(const void *bytes, uint32_t count)
{
    transfer(SYS_WRITE, STDOUT, bytes, count);
}

#endif
