/* Collects readings of a sensor until they make a row, predicts it, and prints what `neurona monitor` reads. */
#include <Arduino.h>
#include <tiny.h>

#define SENSOR_PIN A0
#define MILLISECONDS_PER_READING 10UL

static float features[TINY_FEATURES];
static uint16_t filled;
static unsigned long last_reading;

/* One reading, in the unit of the training data: put your sensor and its unit here. */
static float read_sensor(void)
{
    return (float)analogRead(SENSOR_PIN);
}

static void report(void)
{
    int32_t outputs[TINY_OUTPUTS];
    char name[TINY_NAME_SIZE];

    tiny_class_name(tiny_predict_float(features, outputs), name);
    Serial.print(name);
    for (uint16_t k = 0; k < TINY_OUTPUTS; k++) {
        Serial.print('\t');
        Serial.print((long)outputs[k]);
    }
    Serial.println();
}

void setup()
{
    Serial.begin(115200);
    last_reading = millis();
}

void loop()
{
    if (millis() - last_reading < MILLISECONDS_PER_READING) {
        return;
    }
    last_reading += MILLISECONDS_PER_READING;
    features[filled] = read_sensor();
    filled++;
    if (filled == TINY_FEATURES) {
        filled = 0;
        report();
    }
}
