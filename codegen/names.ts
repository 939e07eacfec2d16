import { m, t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';

/** C identifiers: which names are taken, and what to offer instead. */

const C_KEYWORDS =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register ' +
  'restrict return short signed sizeof static struct switch typedef union unsigned void volatile while';
const CPP_KEYWORDS =
  'alignas alignof and and_eq asm bitand bitor bool catch char16_t char32_t class compl const_cast constexpr decltype ' +
  'delete dynamic_cast explicit export false final friend mutable namespace new noexcept not not_eq nullptr operator or ' +
  'or_eq override private protected public reinterpret_cast static_assert static_cast template this thread_local throw ' +
  'true try typeid typename using virtual wchar_t xor xor_eq';
/** Functions and lower-case macros of the Arduino core and the C library that a file or prefix would shadow. */
const ARDUINO_NAMES =
  'abs analogread arduino bit bitclear bitread bitset bitwrite boolean byte cli constrain defaultvalue delay digitalread ' +
  'digitalwrite high highbyte init input input_pullup interrupts loop low lowbyte main map max min millis micros ' +
  'nointerrupts null output pinmode pi progmem radians degrees random round sei serial setup sq sqrt stdint string ' +
  'stream tone word yield avr errno nan infinity undefined';

/** Targets that CMake makes by itself, and one that it makes where a project has tests. */
const CMAKE_TARGETS =
  'all all_build clean edit_cache help install list_install_components package package_source preinstall rebuild_cache ' +
  'run_tests test zero_check';
/** Windows opens these whatever follows a dot, so that there can be no `con.h`. */
const WINDOWS_DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

const wordsOf = (...lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split(' ')));

const LANGUAGE_WORDS = wordsOf(C_KEYWORDS, CPP_KEYWORDS, ARDUINO_NAMES);
const CMAKE_WORDS = wordsOf(CMAKE_TARGETS);

const LONGEST_PREFIX = 24;

/** Letters, digits and single underscores, lower case, accents stripped; may still be reserved or empty. */
function clean(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** Whose a name is already, or null. */
function whyReserved(name: string): string | null {
  const lower = name.toLowerCase();
  const isMacro = /^b[01]{1,8}$/.test(lower) || /^a[0-9]{1,2}$/.test(lower); // B1, A0
  if (LANGUAGE_WORDS.has(lower) || isMacro) return t`is a word of C, C++ or Arduino`;
  if (CMAKE_WORDS.has(lower)) return t`is a target of CMake's own`;
  if (WINDOWS_DEVICES.test(lower)) return t`is a device on Windows, where no file may be called so`;
  return null;
}

function whyIllegal(name: string): string | null {
  if (name === '') return t`is empty`;
  if (/^[0-9]/.test(name)) return t`begins with a digit`;
  if (name.startsWith('_')) return t`begins with an underscore, which C reserves`;
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name))
    return t`has characters other than letters, digits and underscores`;
  if (name.includes('__')) return t`has two underscores in a row, which C++ reserves`;
  if (name.length > LONGEST_PREFIX) return t`is longer than ${LONGEST_PREFIX} characters`;
  return whyReserved(name);
}

/** A legal prefix made from any text; legal text with lower-case letters comes back unchanged. */
export function suggestPrefix(text: string): string {
  let name = clean(text)
    .slice(0, LONGEST_PREFIX - 4)
    .replace(/_+$/, '');
  if (name === '') name = 'model';
  if (/^[0-9]/.test(name)) name = `m_${name}`;
  return whyReserved(name) === null ? name : `${name}_net`;
}

/** Checks a prefix the user has chosen; throws a `Problem` with a legal suggestion. */
export function checkPrefix(name: string): string {
  const reason = whyIllegal(name);
  if (reason === null) return name;
  rejectData('illegal-name', t`the name "${name}" ${reason}, so it can't begin C names`, {
    hint: t`use --name ${suggestPrefix(name)}`,
  });
}

/** Headers of C and POSIX, of Arduino's cores, and of the libraries that come with these. */
const SYSTEM_HEADERS = wordsOf(
  'alloca assert byteswap complex ctype dirent dlfcn endian errno fcntl features fenv float getopt inttypes iso646 libgen ' +
    'limits locale malloc math memory poll pthread sched semaphore setjmp signal stdalign stdarg stdatomic stdbool stddef ' +
    'stdint stdio stdlib stdnoreturn string strings syslog termios tgmath threads time uchar unistd utime values wchar wctype',
  'arduino wire spi wprogram binary print printable client server udp wstring sdkconfig esp_adc_cal esp_app_desc ' +
    'esp_assert esp_attr esp_bit_defs esp_check esp_chip_info esp_clk_tree esp_compiler esp_console esp_cpu esp_crc ' +
    'esp_debug_helpers esp_efuse esp_err esp_eth esp_event esp_flash esp_heap_caps esp_http_client esp_http_server ' +
    'esp_idf_version esp_interface esp_intr_alloc esp_ipc esp_lcd_types esp_log esp_mac esp_memory_utils esp_netif esp_now ' +
    'esp_ota_ops esp_partition esp_pm esp_psram esp_random esp_sleep esp_smartconfig esp_sntp esp_spiffs esp_system ' +
    'esp_task esp_task_wdt esp_timer esp_tls esp_types esp_vfs esp_wifi nvs nvs_flash',
  'dnsserver eeprom esp ethernet firmata fs hid httpclient i2s keyboard liquidcrystal littlefs mdns mouse network pdm ' +
    'preferences rtc scheduler sd servo softwareserial spiffs stepper tft ticker update usb usbhost webserver wifi',
);

/**
 * Checks that a prefix can also be the name of a library: a header must not take the place of one of the system's, on a disk
 * that tells no capitals apart either; and, of a library that may be published, Arduino's index takes no other library's name
 * with "arduino" or "library" in it. Throws a `Problem` with a suggestion.
 */
export function checkLibraryName(prefix: string, isPublished: boolean): string {
  const lower = prefix.toLowerCase();
  const reason =
    isPublished && /arduino|library/.test(lower)
      ? t`has "arduino" or "library" in it`
      : SYSTEM_HEADERS.has(lower)
        ? t`is the name of a system header`
        : null;
  if (reason === null) return prefix;
  const rest = clean(lower.replace(/arduino|library/g, ''));
  rejectData('illegal-library-name', t`the name "${prefix}" ${reason}, so it can't be a library's`, {
    hint: t`use --name ${rest === lower || rest === '' ? `${rest || 'my'}_net` : suggestPrefix(rest)}`,
  });
}

/** Components of ESP-IDF 5.1 to 6.0, as its builds list them, but for those of `IDF_FAMILIES`. */
const IDF_COMPONENTS = wordsOf(
  'app_trace app_update bootloader bootloader_support bt cmock console cxx driver efuse esp-tls esp_adc esp_app_format ' +
    'esp_blockdev esp_blockdev_util esp_bootloader_format esp_coex esp_common esp_eth esp_event esp_gdbstub esp_hid ' +
    'esp_http_client esp_http_server esp_https_ota esp_https_server esp_hw_support esp_lcd esp_libc esp_local_ctrl esp_mm ' +
    'esp_netif esp_netif_stack esp_partition esp_phy esp_pm esp_psram esp_ringbuf esp_rom esp_security esp_stdio ' +
    'esp_system esp_tee esp_timer esp_trace esp_usb_cdc_rom_console esp_vfs_console esp_wifi espcoredump esptool_py fatfs ' +
    'freertos hal heap http_parser idf_test ieee802154 json linux log lwip main mbedtls mqtt newlib nvs_flash ' +
    'nvs_sec_provider openthread partition_table perfmon protobuf-c protocomm pthread riscv rt sdmmc soc spi_flash spiffs ' +
    'tcp_transport touch_element ulp unity usb vfs wear_levelling wifi_provisioning wpa_supplicant xtensa',
);
/** Of these there are more with every release. */
const IDF_FAMILIES = /^esp_(?:driver|hal)_/;

/** C99 tells names apart by their first 63 characters, of which the prefix and `_CLASS_` take up to 34. */
const LONGEST_ENUMERATOR = { class: 32, target: 28 } as const;
const CLASHES = {
  class: m`the classes`,
  target: m`the targets`,
} as const;

/** Enumerator endings for classes or targets: `SETOSA` in `IRIS_CLASS_SETOSA`. Throws where two would share one. */
export function enumeratorNames(labels: readonly string[], kind: 'class' | 'target'): string[] {
  const owner = new Map<string, string>();
  return labels.map((label, k) => {
    // The perceptron's usual labels are 1 and -1.
    const name =
      clean(label.replace(/^-(?=\d)/, 'minus '))
        .slice(0, LONGEST_ENUMERATOR[kind])
        .toUpperCase() || String(k);
    const other = owner.get(name);
    if (other !== undefined) {
      rejectData(
        'colliding-names',
        t`${CLASHES[kind]} "${other}" and "${label}" would both be named ${kind.toUpperCase()}_${name} in C`,
        {
          hint: t`rename one of them in the data, for example "${label}" to "${clean(label) || kind}_${k}"`,
        },
      );
    }
    owner.set(name, label);
    return name;
  });
}

const LONGEST_SKETCH_NAME = 63;
/** Of sketches, and of the targets that CMake makes of components. */
const FOLDER_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** Arduino limits the names of sketches, whose folder and .ino share one, and of libraries' folders. */
export function checkSketchName(folder: string): string {
  if (FOLDER_NAME.test(folder) && folder.length <= LONGEST_SKETCH_NAME) return folder;
  rejectData(
    'illegal-sketch-name',
    t`the folder name "${folder}" can't be the name of an Arduino sketch or library`,
    {
      hint: t`letters, digits, "_", "-" and "." only, beginning with a letter or digit, at most ${LONGEST_SKETCH_NAME} characters: use -o ${suggestPrefix(folder)}`,
    },
  );
}

/**
 * ESP-IDF calls a component as its folder is called, and takes the last that it finds of a name: one called `log` would leave a
 * program without ESP-IDF's own. Throws a `Problem` with a suggestion.
 */
export function checkComponentName(folder: string): string {
  const lower = folder.toLowerCase();
  const isTaken = IDF_COMPONENTS.has(lower) || IDF_FAMILIES.test(lower);
  if (FOLDER_NAME.test(folder) && !isTaken) return folder;
  rejectData(
    'illegal-component-name',
    isTaken
      ? t`the folder name "${folder}" is the name of a component of ESP-IDF, whose place this one would take`
      : t`the folder name "${folder}" can't be the name of an ESP-IDF component`,
    {
      hint: isTaken
        ? t`use -o net_${folder}`
        : t`letters, digits, "_", "-" and "." only, beginning with a letter or digit: use -o ${suggestPrefix(folder)}`,
    },
  );
}
