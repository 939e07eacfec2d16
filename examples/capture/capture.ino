/*
 * Prints readings for `neurona capture`: put your sensor into read_sensor and names, and set the rate.
 *
 *     neurona capture --port /dev/ttyACM0 --label resting -o moves.csv --rows 500
 *
 * Arduino's serial plotter shows the same lines. `line` counts them, so that capture sees what was lost; `check` is
 * the sum of all characters before it, so that it sees what was damaged. Neither becomes a column.
 */
#include <Arduino.h>
#include <stdio.h>

#define BAUD_RATE 115200
#define MICROSECONDS_PER_READING 10000UL /* 100 a second */
#define VALUES 3

static const char *const names[VALUES] = { "x", "y", "z" };
static uint32_t count;
static uint32_t last_reading;

/* One reading, as whole numbers: here an analogue accelerometer such as the ADXL335. */
static void read_sensor(long values[VALUES])
{
    values[0] = analogRead(A0);
    values[1] = analogRead(A1);
    values[2] = analogRead(A2);
}

void setup()
{
    Serial.begin(BAUD_RATE);
    last_reading = micros();
}

void loop()
{
    char text[24 * (VALUES + 1)];
    long values[VALUES];
    uint8_t sum = 0;
    int length;

    if (micros() - last_reading < MICROSECONDS_PER_READING) {
        return;
    }
    last_reading += MICROSECONDS_PER_READING;
    read_sensor(values);
    length = sprintf(text, "line:%lu ", (unsigned long)count++);
    for (uint8_t k = 0; k < VALUES; k++) {
        length += sprintf(text + length, "%s:%ld ", names[k], values[k]);
    }
    for (int i = 0; i < length; i++) {
        sum = (uint8_t)(sum + (uint8_t)text[i]);
    }
    Serial.print(text);
    Serial.print(F("check:"));
    Serial.println(sum);
}
