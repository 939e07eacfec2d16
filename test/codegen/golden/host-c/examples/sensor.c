/* Reads numbers from standard input, as a sensor would give them, and predicts every row that is full. */
#include <stdio.h>

#include "tiny.h"

static float features[TINY_FEATURES];

static void report(void)
{
    int32_t outputs[TINY_OUTPUTS];
    char name[TINY_NAME_SIZE];

    tiny_class_name(tiny_predict_float(features, outputs), name);
    puts(name);
}

int main(void)
{
    uint16_t filled = 0;

    while (scanf("%f", &features[filled]) == 1) {
        filled++;
        if (filled == TINY_FEATURES) {
            filled = 0;
            report();
        }
    }
    return 0;
}
