/* Collects readings of a sensor until they make a row, and predicts it. */
#include <stdio.h>

#include "esp_adc/adc_oneshot.h"
#include "esp_err.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#include "tiny.h"

#define SENSOR_CHANNEL ADC_CHANNEL_0
#define MILLISECONDS_PER_READING 10

static float features[TINY_FEATURES];

/* One reading, in the unit of the training data: put your sensor and its unit here. */
static float read_sensor(adc_oneshot_unit_handle_t adc)
{
    int reading = 0;

    ESP_ERROR_CHECK(adc_oneshot_read(adc, SENSOR_CHANNEL, &reading));
    return (float)reading;
}

static void report(void)
{
    int32_t outputs[TINY_OUTPUTS];
    char name[TINY_NAME_SIZE];

    tiny_class_name(tiny_predict_float(features, outputs), name);
    puts(name);
}

void app_main(void)
{
    const adc_oneshot_unit_init_cfg_t unit = { .unit_id = ADC_UNIT_1 };
    const adc_oneshot_chan_cfg_t channel = { .atten = ADC_ATTEN_DB_0, .bitwidth = ADC_BITWIDTH_DEFAULT };
    adc_oneshot_unit_handle_t adc;

    ESP_ERROR_CHECK(adc_oneshot_new_unit(&unit, &adc));
    ESP_ERROR_CHECK(adc_oneshot_config_channel(adc, SENSOR_CHANNEL, &channel));
    for (;;) {
        for (uint16_t i = 0; i < TINY_FEATURES; i++) {
            features[i] = read_sensor(adc);
            vTaskDelay(pdMS_TO_TICKS(MILLISECONDS_PER_READING));
        }
        report();
    }
}
