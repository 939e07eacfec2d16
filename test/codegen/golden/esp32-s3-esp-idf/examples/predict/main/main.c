/* Predicts one row, again and again: the least that a program needs. */
#include <stdio.h>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#include "tiny.h"

/* A row in the middle of the training data. */
static const tiny_raw_t row[TINY_FEATURES] = { 511, 200 };

void app_main(void)
{
    for (;;) {
        int32_t outputs[TINY_OUTPUTS];
        char name[TINY_NAME_SIZE];

        tiny_class_name(tiny_predict(row, outputs), name);
        puts(name);
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
