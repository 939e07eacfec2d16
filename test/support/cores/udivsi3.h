/* A quotient bit by bit, which compilers call for want of an instruction; Debian has no libgcc with it for Xtensa. */
#ifndef UDIVSI3_H
#define UDIVSI3_H

#include <stdint.h>

uint32_t __udivsi3(uint32_t dividend, uint32_t divisor);
uint32_t __udivsi3(uint32_t dividend, uint32_t divisor)
{
    uint32_t quotient = 0u;
    uint32_t rest = 0u;
    int bit;
    for (bit = 31; bit >= 0; bit--) {
        rest = (rest << 1) | ((dividend >> bit) & 1u);
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= (uint32_t)1 << bit;
        }
    }
    return quotient;
}

#endif
