import { readFileSync } from 'node:fs';
import { m, say, t, type Message } from '../model/messages.js';
import { findProgram } from './find-program.js';

/** How the systems that people use get the programs that neurona starts. */

interface SystemFacts {
  readonly name: Message;
  /** What stands before the names of packages. */
  readonly install: string;
}

export const SYSTEMS = {
  debian: { name: m`Debian or Ubuntu`, install: 'sudo apt-get install' },
  fedora: { name: m`Fedora`, install: 'sudo dnf install' },
  arch: { name: m`Arch`, install: 'sudo pacman -S --needed' },
  macos: { name: m`macOS`, install: 'brew install' },
  windows: { name: m`Windows`, install: 'winget install' },
} as const satisfies Readonly<Record<string, SystemFacts>>;

export type SystemName = keyof typeof SYSTEMS;

/** Words for the system's installer, a whole command, or null where nobody packages it. */
type Source = string | { readonly run: string } | null;

const ARDUINO_CORE_SOURCE = {
  run: 'sudo git clone --depth 1 --branch 1.8.6 https://github.com/arduino/ArduinoCore-avr /usr/share/arduino/hardware/arduino/avr',
};
const BREW_AVR = 'osx-cross/avr/avr-gcc'; // of a tap, with avr-libc in it
const WINGET_AVR = 'ZakKemble.avr-gcc'; // a whole toolchain, with avr-libc in it
const WINGET_GCC = 'BrechtSanders.WinLibs.POSIX.UCRT';
const XCODE = { run: 'xcode-select --install' };
const ARDUINO_CLI_SCRIPT = {
  run: 'curl -fsSL https://raw.githubusercontent.com/arduino/arduino-cli/master/install.sh | BINDIR=~/.local/bin sh',
};
const ESP_IDF = 'git clone --recursive https://github.com/espressif/esp-idf';
const PIPX = 'pipx';
const RISCV_NAME = 'riscv64-unknown-elf-gcc';

const everywhere = <S extends Source>(source: S): Readonly<Record<SystemName, S>> => ({
  debian: source,
  fedora: source,
  arch: source,
  macos: source,
  windows: source,
});

/** What brings pipx, and its programs onto the PATH of terminals opened later. */
const PIPX_FIRST: Readonly<Record<SystemName, readonly Source[]>> = {
  debian: [PIPX, { run: 'pipx ensurepath' }],
  fedora: [PIPX, { run: 'pipx ensurepath' }],
  arch: ['python-pipx', { run: 'pipx ensurepath' }],
  macos: [PIPX, { run: 'pipx ensurepath' }],
  windows: [{ run: 'py -m pip install --user pipx' }, { run: 'py -m pipx ensurepath' }],
};

/** What a package of Debian and Ubuntu is elsewhere. Arch and Homebrew build the RISC-V compiler under a shorter name. */
export const PACKAGES = {
  'gcc-avr': { debian: 'gcc-avr', fedora: 'avr-gcc', arch: 'avr-gcc', macos: BREW_AVR, windows: WINGET_AVR },
  'binutils-avr': {
    debian: 'binutils-avr',
    fedora: 'avr-binutils',
    arch: 'avr-binutils',
    macos: BREW_AVR,
    windows: WINGET_AVR,
  },
  'avr-libc': {
    debian: 'avr-libc',
    fedora: 'avr-libc',
    arch: 'avr-libc',
    macos: BREW_AVR,
    windows: WINGET_AVR,
  },
  'arduino-core-avr': {
    debian: 'arduino-core-avr',
    fedora: ARDUINO_CORE_SOURCE,
    arch: ARDUINO_CORE_SOURCE,
    macos: null,
    windows: null,
  },
  gcc: { debian: 'gcc', fedora: 'gcc', arch: 'gcc', macos: XCODE, windows: WINGET_GCC },
  binutils: { debian: 'binutils', fedora: 'binutils', arch: 'binutils', macos: XCODE, windows: WINGET_GCC },
  'gcc-riscv64-unknown-elf': {
    debian: 'gcc-riscv64-unknown-elf',
    fedora: null,
    arch: {
      run: `sudo pacman -S --needed riscv64-elf-gcc && sudo ln -s riscv64-elf-gcc /usr/bin/${RISCV_NAME}`,
    },
    macos: {
      run: `brew install riscv64-elf-gcc && ln -s riscv64-elf-gcc "$(brew --prefix)/bin/${RISCV_NAME}"`,
    },
    windows: null,
  },
  'gcc-arm-none-eabi': {
    debian: 'gcc-arm-none-eabi',
    fedora: 'arm-none-eabi-gcc-cs',
    arch: 'arm-none-eabi-gcc',
    macos: 'arm-none-eabi-gcc',
    windows: 'Arm.GnuArmEmbeddedToolchain',
  },
  'gcc-xtensa-lx106': { debian: 'gcc-xtensa-lx106', fedora: null, arch: null, macos: null, windows: null },
  // Others' LLVM leaves out the back end of Xtensa.
  'clang-22': { debian: 'clang-22', fedora: null, arch: null, macos: null, windows: null },
  'llvm-22': { debian: 'llvm-22', fedora: null, arch: null, macos: null, windows: null },
  'qemu-system-misc': {
    debian: 'qemu-system-misc',
    fedora: 'qemu-system-riscv qemu-system-avr',
    arch: 'qemu-system-riscv qemu-system-avr',
    macos: 'qemu',
    windows: 'SoftwareFreedomConservancy.QEMU',
  },
  avrdude: {
    debian: 'avrdude',
    fedora: 'avrdude',
    arch: 'avrdude',
    macos: 'avrdude',
    windows: 'AVRDudes.AVRDUDE',
  },
  'arduino-cli': {
    debian: ARDUINO_CLI_SCRIPT,
    fedora: ARDUINO_CLI_SCRIPT,
    arch: 'arduino-cli',
    macos: 'arduino-cli',
    windows: 'ArduinoSA.CLI',
  },
  platformio: everywhere({ run: `${PIPX} install platformio` }),
  esptool: everywhere({ run: `${PIPX} install esptool` }),
  'esp-idf': {
    ...everywhere({ run: `${ESP_IDF} && esp-idf/install.sh && . esp-idf/export.sh` }),
    windows: { run: `${ESP_IDF}; esp-idf\\install.ps1; . esp-idf\\export.ps1` },
  },
  'frama-c-base': { debian: 'frama-c-base', fedora: 'frama-c', arch: null, macos: 'frama-c', windows: null },
} as const satisfies Readonly<Record<string, Readonly<Record<SystemName, Source>>>>;

export type PackageName = keyof typeof PACKAGES;

const RELEASE_FILE = '/etc/os-release';

function releaseText(): string {
  try {
    return readFileSync(RELEASE_FILE, 'utf8');
  } catch {
    return '';
  }
}

/** The distributions whose packages another one has, by `ID` and `ID_LIKE` of /etc/os-release. */
const FAMILIES: Readonly<Record<string, SystemName>> = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'fedora',
  rhel: 'fedora',
  centos: 'fedora',
  arch: 'arch',
};

/** The system of this computer; an unknown Linux is taken for Debian, whose names most others resemble. */
export function detectSystem(
  platform: NodeJS.Platform = process.platform,
  release = releaseText(),
): SystemName {
  if (platform === 'darwin') return 'macos';
  if (platform === 'win32') return 'windows';
  const ids = [...release.matchAll(/^ID(?:_LIKE)?=["']?([^"'\n]*)/gm)].flatMap(([, words]) =>
    words.split(' '),
  );
  return ids.map((id) => FAMILIES[id]).find((family) => family !== undefined) ?? 'debian';
}

/** The command that installs packages, by their names on Debian; null where the system has none of them. */
export function installCommand(
  packages: readonly PackageName[],
  system = detectSystem(),
  isThere = (program: string): boolean => findProgram(program) !== null,
): string | null {
  const asked = packages.map((name): Source => PACKAGES[name][system]);
  const needsPipx = asked.some(
    (source) => source !== null && typeof source === 'object' && source.run.startsWith(`${PIPX} `),
  );
  const sources = [...(needsPipx && !isThere(PIPX) ? PIPX_FIRST[system] : []), ...asked];
  const words = new Set(sources.flatMap((source) => (typeof source === 'string' ? source.split(' ') : [])));
  const commands = new Set(
    sources.flatMap((source) => (source !== null && typeof source === 'object' ? [source.run] : [])),
  );
  const parts = [
    ...(words.size > 0 ? [`${SYSTEMS[system].install} ${[...words].join(' ')}`] : []),
    ...commands,
  ];
  if (parts.length === 0) return null;
  return parts.join(system === 'windows' ? '; ' : ' && ');
}

/** The hint below a problem that names missing programs. */
export function installHint(packages: readonly PackageName[], system = detectSystem()): string {
  const name = say(SYSTEMS[system].name);
  const command = installCommand(packages, system);
  return command === null
    ? t`${name} has no package of it; neurona doctor says more`
    : t`on ${name}: ${command}`;
}
