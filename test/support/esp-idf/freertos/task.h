#pragma once
#include "freertos/FreeRTOS.h"
void vTaskDelay(const TickType_t ticks);
typedef uint32_t UBaseType_t;
typedef struct tskTaskControlBlock *TaskHandle_t;
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task);
