import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Board } from '../model/board.js';
import {
  ARDUINO_CORE,
  arduinoBuildProperties,
  type ArduinoBuildProperties,
  type ToolchainName,
  type ToolName,
} from './toolchains.js';

/** One call of a compiler or binary tool. */
export interface Step {
  readonly program: ToolName;
  readonly arguments: readonly string[];
}

/** Compile steps are independent of one another; finish steps follow them in order. */
export interface BuildPlan {
  readonly compile: readonly Step[];
  readonly finish: readonly Step[];
  readonly elf: string;
  readonly hex: string | null;
  readonly sizeTool: ToolName;
}

export interface BuildInput {
  readonly board: Board;
  readonly name: string;
  /** `.c` and `.ino` files, relative to the folder in which the steps run. */
  readonly sources: readonly string[];
  /** Folders to look for headers in, relative to the same. */
  readonly includes: readonly string[];
  /** Where everything is written. */
  readonly out: string;
}

const WARNINGS = ['-Wall', '-Wextra'];
/** Lets the linker go on past the board's memory, so that the sizes say by how much a program is too large. */
const NO_LINKER_LIMIT = [
  '-Wl,--defsym=__TEXT_REGION_LENGTH__=0x400000',
  '-Wl,--defsym=__DATA_REGION_LENGTH__=0xffa0',
];
const SECTIONS = ['-ffunction-sections', '-fdata-sections'];

/** A generated name never has two underscores in a row, so `verify/main.c` and `verify_main.c` stay apart. */
const objectOf = (out: string, source: string): string =>
  path.join(out, `${source.replaceAll(/[\\/]/g, '__')}.o`);

/** A sketch is C++, whatever its ending says. */
const isCpp = (source: string): boolean => /\.(ino|cpp)$/.test(source);

function linkAvr(
  input: BuildInput,
  objects: readonly string[],
  cpu: readonly string[],
): Omit<BuildPlan, 'compile'> {
  const elf = path.join(input.out, `${input.name}.elf`);
  const hex = path.join(input.out, `${input.name}.hex`);
  const flags = ['-Os', '-flto', '-fuse-linker-plugin', '-Wl,--gc-sections', ...NO_LINKER_LIMIT];
  return {
    finish: [
      { program: 'avr-gcc', arguments: [...WARNINGS, ...cpu, ...flags, '-o', elf, ...objects, '-lm'] },
      { program: 'avr-objcopy', arguments: ['-O', 'ihex', '-R', '.eeprom', elf, hex] },
    ],
    elf,
    hex,
    sizeTool: 'avr-size',
  };
}

const cpuFlags = ({ compiler, clockHz }: Board): string[] => [...compiler.flags, `-DF_CPU=${clockHz}UL`];
const includeFlags = ({ includes }: BuildInput): string[] => includes.flatMap((folder) => ['-I', folder]);

function avrGcc(input: BuildInput): BuildPlan {
  const cpu = cpuFlags(input.board);
  const compile = input.sources.map((source): Step => {
    const language = isCpp(source) ? ['-x', 'c++', '-std=gnu++11', '-fno-exceptions'] : ['-std=gnu11'];
    const flags = [...cpu, '-Os', '-flto', ...SECTIONS, ...WARNINGS, ...language, ...includeFlags(input)];
    return { program: 'avr-gcc', arguments: [...flags, '-c', source, '-o', objectOf(input.out, source)] };
  });
  const objects = input.sources.map((source) => objectOf(input.out, source));
  return { compile, ...linkAvr(input, objects, cpu) };
}

/** What the core's USB stack, on boards that have one, tells the computer of the board. */
function usbFlags({ vid, pid, usb_product: product }: ArduinoBuildProperties): string[] {
  if (vid === undefined) return [];
  return [`-DUSB_VID=${vid}`, `-DUSB_PID=${pid}`, '-DUSB_MANUFACTURER="Unknown"', `-DUSB_PRODUCT=${product}`];
}

/** For this chip alone the IDE and arduino-cli have the linker turn far calls into near ones. */
const RELAXED_MCU = 'atmega2560';

/** The flags of the core's `platform.txt`; the core itself is compiled without warnings, as the Arduino IDE does. */
function arduinoCore(input: BuildInput): BuildPlan {
  const { board, out, sources } = input;
  const core = path.join(ARDUINO_CORE, 'cores', 'arduino');
  const properties = arduinoBuildProperties(board);
  const cpu = cpuFlags(board);
  const common = [
    ...['-c', '-g', '-Os', '-flto', ...SECTIONS, ...cpu],
    ...['-DARDUINO=10819', `-DARDUINO_${properties.board}`, '-DARDUINO_ARCH_AVR'],
    ...usbFlags(properties),
    ...['-I', core, '-I', path.join(ARDUINO_CORE, 'variants', properties.variant)],
    ...includeFlags(input),
  ];
  const c = ['-std=gnu11', '-fno-fat-lto-objects'];
  // Debian's core is newer than its avr-gcc 5.4, whose <float.h> keeps DECIMAL_DIG from C++.
  const cpp = [
    '-DDECIMAL_DIG=__DECIMAL_DIG__',
    '-std=gnu++11',
    '-fpermissive',
    '-fno-exceptions',
    '-fno-threadsafe-statics',
    '-Wno-error=narrowing',
  ];
  const step = (source: string, output: string, flags: readonly string[]): Step => ({
    program: 'avr-gcc',
    arguments: [...common, ...flags, source, '-o', output],
  });

  const coreFiles = readdirSync(core).filter((file) => /\.(c|cpp|S)$/.test(file));
  const coreObject = (file: string): string => objectOf(out, path.join('core', file));
  const coreFlags = (file: string): string[] => {
    if (file.endsWith('.S')) return ['-x', 'assembler-with-cpp'];
    return ['-w', ...(isCpp(file) ? cpp : c)];
  };
  const sketchFlags = (source: string): string[] =>
    isCpp(source) ? [...WARNINGS, ...cpp, '-include', 'Arduino.h', '-x', 'c++'] : [...WARNINGS, ...c];

  const archive = path.join(out, 'core.a');
  const objects = sources.map((source) => objectOf(out, source));
  const relax = board.mcu === RELAXED_MCU ? ['-Wl,--relax'] : [];
  const { finish, ...products } = linkAvr(input, [...objects, archive], [...cpu, ...relax]);
  const pack: Step = { program: 'avr-gcc-ar', arguments: ['rcs', archive, ...coreFiles.map(coreObject)] };
  return {
    compile: [
      ...sources.map((source) => step(source, objectOf(out, source), sketchFlags(source))),
      ...coreFiles.map((file) => step(path.join(core, file), coreObject(file), coreFlags(file))),
    ],
    finish: [pack, ...finish],
    ...products,
  };
}

function hostGcc({ name, sources, out }: BuildInput): BuildPlan {
  const elf = path.join(out, name);
  const flags = ['-std=c99', '-pedantic', '-O2', ...WARNINGS, '-iquote', '.'];
  return {
    compile: sources.map((source) => ({
      program: 'gcc',
      arguments: [...flags, '-c', source, '-o', objectOf(out, source)],
    })),
    finish: [{ program: 'gcc', arguments: ['-o', elf, ...sources.map((source) => objectOf(out, source))] }],
    elf,
    hex: null,
    sizeTool: 'size',
  };
}

/** How each toolchain builds a generated folder. */
export const BUILD_PLANS: Readonly<Record<ToolchainName, (input: BuildInput) => BuildPlan>> = {
  'avr-gcc': avrGcc,
  'arduino-core': arduinoCore,
  gcc: hostGcc,
};
