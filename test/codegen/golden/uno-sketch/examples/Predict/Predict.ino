/* Predicts one row, again and again, and prints what `neurona monitor` reads: the least that a program needs. */
#include <Arduino.h>
#include "src/tiny.h"

/* A row in the middle of the training data. */
static const tiny_raw_t row[TINY_FEATURES] = { 511, 200 };

void setup()
{
    Serial.begin(115200);
}

void loop()
{
    int32_t outputs[TINY_OUTPUTS];
    char name[TINY_NAME_SIZE];

    tiny_class_name(tiny_predict(row, outputs), name);
    Serial.print(name);
    for (uint16_t k = 0; k < TINY_OUTPUTS; k++) {
        Serial.print('\t');
        Serial.print((long)outputs[k]);
    }
    Serial.println();
    delay(1000);
}
