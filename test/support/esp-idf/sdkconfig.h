/* Stand-ins for ESP-IDF 5: what the generated programs use of it, declared as its headers declare it. */
#pragma once
#define CONFIG_ESP_CONSOLE_UART_NUM 0
#define CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ 160
#define CONFIG_ESP_MAIN_TASK_STACK_SIZE 3584
