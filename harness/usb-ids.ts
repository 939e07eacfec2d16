/**
 * Boards by the vendor and product of their USB interface, as usb.org and the cores' `boards.txt` list them. A bridge
 * chip stands on many boards, so it names several.
 */
export const USB_BOARDS: Readonly<Record<string, readonly string[]>> = {
  '2341:0043': ['uno'],
  '2341:0001': ['uno'],
  '2341:0243': ['uno'],
  '2a03:0043': ['uno'],
  '2341:0042': ['mega'],
  '2341:0010': ['mega'],
  '2a03:0042': ['mega'],
  '2341:8036': ['leonardo'],
  '2341:0036': ['leonardo'],
  '2a03:8036': ['leonardo'],
  '2341:8037': ['micro'],
  '2341:0037': ['micro'],
  '2341:0058': ['nano-every'],
  '2341:805a': ['nano33ble'],
  '2341:8057': ['nano33iot'],
  '2341:005e': ['nano-rp2040'],
  '2341:804f': ['mkrzero'],
  '2341:8054': ['mkrwifi1010'],
  '2341:0266': ['giga'],
  '2e8a:000a': ['pico'],
  '2e8a:0005': ['pico'],
  '303a:1001': ['esp32-c3', 'esp32-c6', 'esp32-h2', 'esp32-s3'],
  '10c4:ea60': ['esp32', 'esp8266'],
  '1a86:55d4': ['esp32', 'esp32-s3'],
  '1a86:7523': ['nano', 'uno', 'esp8266', 'esp32'],
  '0403:6001': ['nano'],
};

/** Ids of the boards that a port may belong to, the likeliest first; none where the USB interface is unknown. */
export function boardsOfUsb(vendorId: string | null, productId: string | null): readonly string[] {
  return USB_BOARDS[`${vendorId}:${productId}`.toLowerCase()] ?? [];
}
