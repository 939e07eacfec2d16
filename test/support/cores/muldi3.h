/* 64-bit product from 16-bit halves, which compilers call. Debian has no libgcc with it for Xtensa. */
#ifndef MULDI3_H
#define MULDI3_H

#include <stdint.h>

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

#endif
