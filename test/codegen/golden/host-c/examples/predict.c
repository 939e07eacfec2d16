/* Predicts one row: the least that a program needs. */
#include <stdio.h>

#include "tiny.h"

/* A row in the middle of the training data. */
static const tiny_raw_t row[TINY_FEATURES] = { 511, 200 };

int main(void)
{
    int32_t outputs[TINY_OUTPUTS];
    char name[TINY_NAME_SIZE];

    tiny_class_name(tiny_predict(row, outputs), name);
    puts(name);
    return 0;
}
