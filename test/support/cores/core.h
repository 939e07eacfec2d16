/* What a test program needs of a simulated core; one file for each family beside this one. */
#ifndef CORE_H
#define CORE_H

#include <stdint.h>

/* Fetches bytes from the standard input of the simulator. */
void core_read(void *bytes, uint32_t count);

/* Sends bytes to the standard output of the simulator. */
void core_write(const void *bytes, uint32_t count);

/* A counter that advances with executed instructions alone: core-program.ts knows how many ticks make one. */
uint32_t core_ticks(void);

typedef void core_pass_t(const uint8_t *x, int32_t *y);

/* Ticks that a forward pass takes more than a function that does nothing. */
uint32_t core_count(core_pass_t *pass, const uint8_t *x, int32_t *y);

#endif
