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
  'arduino wire spi wprogram binary print printable client server udp wstring esp_log sdkconfig',
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

/** Arduino limits the names of sketches, whose folder and .ino share one, and of libraries' folders. */
export function checkSketchName(folder: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(folder) && folder.length <= LONGEST_SKETCH_NAME) return folder;
  rejectData(
    'illegal-sketch-name',
    t`the folder name "${folder}" can't be the name of an Arduino sketch or library`,
    {
      hint: t`letters, digits, "_", "-" and "." only, beginning with a letter or digit, at most ${LONGEST_SKETCH_NAME} characters: use -o ${suggestPrefix(folder)}`,
    },
  );
}
