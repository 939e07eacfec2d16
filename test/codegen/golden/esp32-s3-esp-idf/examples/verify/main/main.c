/*
 * The verification firmware: runs the network on rows that `neurona verify` sends to the console's port, a UART at
 * 115200 baud or the USB of the chip itself.
 */
#include "esp_cpu.h"
#include "esp_err.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "sdkconfig.h"
#ifdef CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG
#include "driver/usb_serial_jtag.h"
#else
#include "driver/uart.h"
#endif

#include "tiny_link.h"

#define BUFFER_BYTES 256

/* --- Serial port: a read waits for one tick, in which other tasks run -------------------------------- */

#ifdef CONFIG_ESP_CONSOLE_USB_SERIAL_JTAG

static void port_begin(void)
{
    usb_serial_jtag_driver_config_t config = { .tx_buffer_size = BUFFER_BYTES, .rx_buffer_size = BUFFER_BYTES };

    ESP_ERROR_CHECK(usb_serial_jtag_driver_install(&config));
}

int tiny_port_read(void)
{
    uint8_t byte;

    return usb_serial_jtag_read_bytes(&byte, 1, 1) == 1 ? byte : -1;
}

void tiny_port_write(uint8_t byte)
{
    (void)usb_serial_jtag_write_bytes(&byte, 1, portMAX_DELAY);
}

#else

#define PORT CONFIG_ESP_CONSOLE_UART_NUM

static void port_begin(void)
{
    const uart_config_t config = {
        .baud_rate = 115200,
        .data_bits = UART_DATA_8_BITS,
        .parity = UART_PARITY_DISABLE,
        .stop_bits = UART_STOP_BITS_1,
        .flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
        .source_clk = UART_SCLK_DEFAULT,
    };

    ESP_ERROR_CHECK(uart_driver_install(PORT, BUFFER_BYTES, 0, 0, NULL, 0));
    ESP_ERROR_CHECK(uart_param_config(PORT, &config));
}

int tiny_port_read(void)
{
    uint8_t byte;

    return uart_read_bytes(PORT, &byte, 1, 1) == 1 ? byte : -1;
}

void tiny_port_write(uint8_t byte)
{
    (void)uart_write_bytes(PORT, &byte, 1);
}

#endif

/* --- Cycle counter of the processor ------------------------------------------------------------------ */

static uint32_t started;
static uint32_t counting_cost;

uint32_t tiny_port_clock_hz(void)
{
    return CONFIG_ESP_DEFAULT_CPU_FREQ_MHZ * 1000000UL;
}

void tiny_port_cycles_start(void)
{
    started = esp_cpu_get_cycle_count();
}

uint32_t tiny_port_cycles_stop(void)
{
    return esp_cpu_get_cycle_count() - started - counting_cost;
}

uint32_t tiny_port_stack_bytes(void)
{
    return CONFIG_ESP_MAIN_TASK_STACK_SIZE - uxTaskGetStackHighWaterMark(NULL);
}

/* --- Program ----------------------------------------------------------------------------------------- */

void app_main(void)
{
    esp_log_level_set("*", ESP_LOG_NONE);
    port_begin();
    tiny_port_cycles_start();
    counting_cost = tiny_port_cycles_stop();
    tiny_link_begin();
    for (;;) {
        tiny_link_poll();
    }
}
