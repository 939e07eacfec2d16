import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Sets up a fresh Debian or Ubuntu machine for the README's two commands: finds what is missing, says so, installs it. */

/** @typedef {{ check: () => boolean, packages: () => string[], purpose: string }} Requirement */

const runs = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const onPath = (program) => () => runs(program, '--version');

/** clang's sanitiser runtime is a package of its own, named after clang's version. */
function clangRuntime() {
  const version = /version (\d+)/.exec(spawnSync('clang', ['--version'], { encoding: 'utf8' }).stdout ?? '');
  return version ? [`libclang-rt-${version[1]}-dev`] : [];
}

/** Whether a compiler, and all that the source and the flags ask of it, is there. */
const compiles =
  (compiler, source, ...flags) =>
  () =>
    spawnSync(compiler, [...flags, '-x', 'c', '-', '-c', '-o', '/dev/null'], {
      input: `${source}\n`,
      stdio: ['pipe', 'ignore', 'ignore'],
    }).status === 0;

function clangSanitizers() {
  const args = ['-fsanitize=address', '-x', 'c', '-', '-o', '/dev/null'];
  return (
    spawnSync('clang', args, { input: 'int main(void) { return 0; }', stdio: ['pipe', 'ignore', 'ignore'] })
      .status === 0
  );
}

/** Which library NumPy multiplies with is Debian's choice of alternatives. */
const HAS_OPENBLAS =
  'import numpy, sys, threadpoolctl as t; sys.exit(all(i["internal_api"] != "openblas" for i in t.threadpool_info()))';

/** @type {Record<string, Requirement>} */
const REQUIREMENTS = {
  'avr-gcc': {
    check: onPath('avr-gcc'),
    packages: () => ['gcc-avr', 'binutils-avr'],
    purpose: 'compiles for AVR boards',
  },
  'avr-libc': {
    check: () => existsSync('/usr/lib/avr/include/avr/io.h'),
    packages: () => ['avr-libc'],
    purpose: 'C library of AVR boards',
  },
  'arduino-core-avr': {
    check: () => existsSync('/usr/share/arduino/hardware/arduino/avr/platform.txt'),
    packages: () => ['arduino-core-avr'],
    purpose: 'the Arduino core',
  },
  'arduino-builder': {
    check: () => runs('arduino-builder', '-version'),
    packages: () => ['arduino-builder'],
    purpose: 'compiles sketches as the Arduino IDE 1.8 does',
  },
  gcc: { check: onPath('gcc'), packages: () => ['gcc', 'libc6-dev'], purpose: 'compiles for this computer' },
  'g++': { check: onPath('g++'), packages: () => ['g++'], purpose: 'compiles the C as C++' },
  clang: {
    check: onPath('clang'),
    packages: () => ['clang'],
    purpose: 'a second compiler for this computer',
  },
  'arm-none-eabi-gcc': {
    check: onPath('arm-none-eabi-gcc'),
    packages: () => ['gcc-arm-none-eabi'],
    purpose: 'compiles for Cortex-M',
  },
  'riscv64-unknown-elf-gcc': {
    check: onPath('riscv64-unknown-elf-gcc'),
    packages: () => ['gcc-riscv64-unknown-elf'],
    purpose: 'compiles for RISC-V',
  },
  'xtensa-lx106-elf-gcc': {
    check: onPath('xtensa-lx106-elf-gcc'),
    packages: () => ['gcc-xtensa-lx106', 'binutils-xtensa-lx106'],
    purpose: 'compiles for the ESP8266',
  },
  'clang-22': { check: onPath('clang-22'), packages: () => ['clang-22'], purpose: 'compiles for the ESP32' },
  'llc-22': {
    check: () => runs('llc-22', '--version') && runs('llvm-mc-22', '--version'),
    packages: () => ['llvm-22'],
    purpose: 'compiles for the ESP32',
  },
  newlib: {
    check: compiles('arm-none-eabi-gcc', '#include <string.h>'),
    packages: () => ['libnewlib-arm-none-eabi'],
    purpose: 'C library of Cortex-M',
  },
  picolibc: {
    check: compiles('riscv64-unknown-elf-gcc', '#include <string.h>', '--specs=picolibc.specs'),
    packages: () => ['picolibc-riscv64-unknown-elf'],
    purpose: 'C library of RISC-V',
  },
  'qemu-system-arm': {
    check: onPath('qemu-system-arm'),
    packages: () => ['qemu-system-arm'],
    purpose: 'runs Cortex-M programs',
  },
  'qemu-system-avr': {
    check: onPath('qemu-system-avr'),
    packages: () => ['qemu-system-misc'],
    purpose: 'runs AVR programs behind a serial port',
  },
  'qemu-system-riscv32': {
    check: onPath('qemu-system-riscv32'),
    packages: () => ['qemu-system-misc'],
    purpose: 'runs RISC-V programs',
  },
  'qemu-system-xtensa': {
    check: onPath('qemu-system-xtensa'),
    packages: () => ['qemu-system-misc'],
    purpose: 'runs ESP8266 and ESP32 programs',
  },
  'qemu-aarch64': {
    check: onPath('qemu-aarch64'),
    packages: () => ['qemu-user'],
    purpose: 'runs neurona as an arm64 computer does',
  },
  'libraries of arm64': {
    check: () => existsSync('/usr/aarch64-linux-gnu/lib/libstdc++.so.6'),
    packages: () => ['libc6-arm64-cross', 'libstdc++6-arm64-cross'],
    purpose: 'what Node for arm64 wants of its system',
  },
  make: { check: onPath('make'), packages: () => ['make'], purpose: 'builds the C library' },
  cmake: { check: onPath('cmake'), packages: () => ['cmake'], purpose: 'builds the C library' },
  'frama-c': {
    check: () => runs('frama-c', '-version'),
    packages: () => ['frama-c-base'],
    purpose: 'proves that generated C has no undefined behaviour',
  },
  avrdude: {
    check: () => runs('avrdude', '-?'),
    packages: () => ['avrdude'],
    purpose: 'uploads to AVR boards',
  },
  cppcheck: {
    check: onPath('cppcheck'),
    packages: () => ['cppcheck'],
    purpose: 'looks for faults in the generated C',
  },
  socat: { check: () => runs('socat', '-V'), packages: () => ['socat'], purpose: 'a serial port for tests' },
  chromium: {
    check: () => ['/usr/bin/chromium', '/usr/bin/chromium-browser'].some(existsSync),
    packages: () => ['chromium'],
    purpose: 'shows the report to its tests',
  },
  fish: { check: onPath('fish'), packages: () => ['fish'], purpose: 'a shell whose completion is tested' },
  zsh: { check: onPath('zsh'), packages: () => ['zsh'], purpose: 'a shell whose completion is tested' },
  FANN: {
    check: () => existsSync('/usr/include/floatfann.h'),
    packages: () => ['libfann-dev'],
    purpose: 'a trainer to measure ours against',
  },
  'scikit-learn': {
    check: () => runs('/usr/bin/python3', '-c', 'import sklearn'),
    packages: () => ['python3-sklearn'],
    purpose: 'a trainer to measure ours against',
  },
  OpenBLAS: {
    check: () => runs('/usr/bin/python3', '-c', HAS_OPENBLAS),
    packages: () => ['libopenblas0-pthread', 'python3-numpy', 'python3-threadpoolctl'],
    purpose: 'makes NumPy fast',
  },
  'clang sanitizers': { check: clangSanitizers, packages: clangRuntime, purpose: 'UBSan and ASan for clang' },
};

function aptInstall(packages) {
  const root = process.getuid?.() === 0;
  if (!existsSync('/usr/bin/apt-get') || (!root && !runs('sudo', '--version'))) return;
  const apt = (...args) => {
    const words = ['apt-get', '-qq', '-o', 'Dpkg::Use-Pty=0', ...args];
    const [program, ...rest] = root ? words : ['sudo', ...words];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // Standard output is left to whoever calls us; apt's account of every package helps nobody while it works.
    spawnSync(program, rest, { stdio: ['inherit', 'ignore', 2], env });
  };
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...packages);
}

/**
 * Makes sure that the named requirements are there; ends the program with exit code 4 where that is impossible,
 * saying what is missing and how to get it.
 * @param {string[]} names
 */
export function ensureToolchains(names) {
  const missing = () => names.filter((name) => !REQUIREMENTS[name].check());
  const packagesOf = (list) => [...new Set(list.flatMap((name) => REQUIREMENTS[name].packages()))];
  // Twice, as the name of clang's runtime is only known once clang is there.
  for (let round = 0; round < 2; round++) {
    const packages = packagesOf(missing());
    if (packages.length === 0) break;
    console.error(`setup: installing with apt-get: ${packages.join(' ')}`);
    aptInstall(packages);
  }
  const lacking = missing();
  if (lacking.length === 0) return;
  for (const name of lacking)
    console.error(`setup: ${name} is missing (${REQUIREMENTS[name].purpose}) and could not be installed.`);
  console.error(`setup: on Debian or Ubuntu: sudo apt-get install ${packagesOf(lacking).join(' ')}`);
  console.error(
    '       macOS: brew install osx-cross/avr/avr-gcc; Windows: WSL, or the Arduino IDE for the sketch',
  );
  process.exit(4);
}

export const DEMO_TOOLCHAINS = ['avr-gcc', 'avr-libc'];
const PEERS = ['FANN', 'scikit-learn', 'OpenBLAS'];
export const BENCH_TOOLCHAINS = ['gcc', ...PEERS];
export const ARM64_TOOLCHAINS = ['qemu-aarch64', 'libraries of arm64'];
const OTHERS = [...PEERS, ...ARM64_TOOLCHAINS];
export const TEST_TOOLCHAINS = Object.keys(REQUIREMENTS).filter((name) => !OTHERS.includes(name));
