import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import {
  detectSystem,
  installCommand,
  installHint,
  PACKAGES,
  SYSTEMS,
  type PackageName,
  type SystemName,
} from '../../harness/packages.js';
import { findProgram } from '../../harness/find-program.js';
import { findTool, TOOLS } from '../../harness/toolchains.js';

/** Which command installs what is missing, on each system. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-packages-'));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true, force: true });
});

it.each<[NodeJS.Platform, string, SystemName]>([
  ['linux', 'NAME="Debian GNU/Linux"\nID=debian\n', 'debian'],
  ['linux', 'ID=ubuntu\nID_LIKE=debian', 'debian'],
  ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'debian'],
  ['linux', 'ID=raspbian\nID_LIKE=debian\n', 'debian'],
  ['linux', 'NAME="Fedora Linux"\nVERSION_ID=42\nID=fedora\n', 'fedora'],
  ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'],
  ['linux', 'ID=arch\n', 'arch'],
  ['linux', 'ID=manjaro\nID_LIKE=arch\nBUILD_ID=rolling', 'arch'],
  ['linux', "ID='endeavouros'\nID_LIKE='arch'", 'arch'],
  ['linux', 'VARIANT_ID=fedora\nID=void\n', 'debian'],
  ['linux', '', 'debian'],
  ['darwin', 'ID=arch', 'macos'],
  ['win32', '', 'windows'],
])('takes %s with %j for %s', (platform, release, system) => {
  expect(detectSystem(platform, release)).toBe(system);
});

const AVR: readonly PackageName[] = ['gcc-avr', 'gcc-avr', 'binutils-avr', 'avr-libc'];

it.each<[SystemName, readonly PackageName[], string | null]>([
  ['debian', AVR, 'sudo apt-get install gcc-avr binutils-avr avr-libc'],
  ['fedora', AVR, 'sudo dnf install avr-gcc avr-binutils avr-libc'],
  ['arch', AVR, 'sudo pacman -S --needed avr-gcc avr-binutils avr-libc'],
  ['macos', AVR, 'brew install osx-cross/avr/avr-gcc'],
  ['windows', AVR, 'winget install ZakKemble.avr-gcc'],
  ['macos', ['gcc', 'avrdude'], 'brew install avrdude && xcode-select --install'],
  ['windows', ['gcc', 'avrdude'], 'winget install BrechtSanders.WinLibs.POSIX.UCRT AVRDudes.AVRDUDE'],
  ['windows', ['avrdude', 'esptool'], 'winget install AVRDudes.AVRDUDE; pipx install esptool'],
  ['fedora', ['qemu-system-misc'], 'sudo dnf install qemu-system-riscv qemu-system-avr'],
  ['fedora', ['gcc-riscv64-unknown-elf'], null],
  ['debian', [], null],
])('on %s %j is: %s', (system, packages, command) => {
  expect(installCommand(packages, system, () => true)).toBe(command);
});

it.each<[SystemName, readonly PackageName[], string]>([
  ['debian', ['esptool'], 'sudo apt-get install pipx && pipx ensurepath && pipx install esptool'],
  [
    'arch',
    ['avrdude', 'platformio', 'esptool'],
    'sudo pacman -S --needed python-pipx avrdude && pipx ensurepath && pipx install platformio && pipx install esptool',
  ],
  ['macos', ['platformio'], 'brew install pipx && pipx ensurepath && pipx install platformio'],
  ['windows', ['esptool'], 'py -m pip install --user pipx; py -m pipx ensurepath; pipx install esptool'],
  ['debian', ['avrdude'], 'sudo apt-get install avrdude'],
])('on %s without pipx %j is: %s', (system, packages, command) => {
  expect(installCommand(packages, system, (program) => program !== 'pipx')).toBe(command);
});

it('the hint of a problem names the system', () => {
  expect(installHint(['gcc-avr'], 'arch')).toBe('on Arch: sudo pacman -S --needed avr-gcc');
  expect(installHint(['frama-c-base'], 'windows')).toMatch(/^Windows has no package/);
});

it('every system has every tool without which nothing can be built for an Uno or for itself', () => {
  const needed = TOOLS.filter(({ name }) => /^avr-|^gcc$|^size$/.test(name)).map((tool) => tool.package);
  expect(needed.length).toBeGreaterThan(5);
  for (const system of Object.keys(SYSTEMS) as SystemName[]) {
    for (const name of needed) expect([system, name, PACKAGES[name][system]]).not.toContain(null);
  }
});

function program(...names: string[]): string {
  const file = path.join(folder, ...names);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
}

it('programs of Windows are found by the endings of PATHEXT', () => {
  const file = program('bin', 'avr-gcc.EXE');
  vi.stubEnv('PATH', path.dirname(file));
  expect(findProgram('avr-gcc')).toBeNull();
  vi.stubGlobal('process', Object.create(process, { platform: { value: 'win32' } }));
  vi.stubEnv('PATHEXT', '.COM;.EXE');
  expect(findProgram('avr-gcc')).toBe(file);
});

it("avr-libc is also found below a linked compiler's own folder, as Homebrew has it", () => {
  const compiler = program('Cellar', 'avr-gcc@9', 'bin', 'avr-gcc');
  mkdirSync(path.join(folder, 'bin'));
  symlinkSync(compiler, path.join(folder, 'bin', 'avr-gcc'));
  vi.stubEnv('PATH', path.join(folder, 'bin'));
  const header = program('Cellar', 'avr-gcc@9', 'avr', 'include', 'avr', 'io.h');
  // Debian's own comes first where it is installed.
  expect(['/usr/lib/avr/include/avr/io.h', '/usr/avr/include/avr/io.h', header]).toContain(
    findTool('avr-libc'),
  );
});
