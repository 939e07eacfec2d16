import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { fieldPath } from './artifact.js';
import { fileReason } from './file-error.js';
import { m, t } from './messages.js';
import { currentLocale, saying } from './schema-messages.js';
import { PACKAGE_ROOT } from './package-root.js';
import { Problem } from './problem.js';
import { nearest } from './suggestion.js';

/** What `generate` writes; `codegen/formats.ts` says which files each of them is made of. */
export const FORMAT_NAMES = ['sketch', 'arduino-library', 'platformio', 'esp-idf', 'c'] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Processors that the simulator knows; `AVR_CHIPS` of harness/avr-chip.ts says what it knows of each. */
export const SIMULATED_MCUS = ['atmega328p', 'atmega2560'] as const;

const bytes = z.number().int().positive().nullable();

/** How the board's serial port behaves; null where there is none. */
const serialSchema = z.strictObject({
  baudRate: z.number().int().positive(),
  /** How long the board may stay silent after a reset, in milliseconds: bootloader, ROM, start of the program. */
  bootMilliseconds: z.number().int().nonnegative(),
  /** The processor itself is the USB device: the port goes away with every reset, and comes back. */
  nativeUsb: z.boolean(),
  /** Levels of the modem lines while the port is open. Native USB mostly sends nothing without DTR. */
  dtr: z.boolean(),
  rts: z.boolean(),
  /**
   * How a program resets the board through these lines, in steps as esptool writes them: D and R set DTR and RTS, W waits
   * so many milliseconds. Null where they do not reach the reset pin.
   */
  resetSequence: z
    .string()
    .regex(/^([DR][01]|W\d+)(\|([DR][01]|W\d+))*$/)
    .nullable(),
});

const uploadSchema = z.discriminatedUnion('tool', [
  z.strictObject({
    tool: z.literal('avrdude'),
    programmer: z.enum(['arduino', 'wiring', 'avr109']),
    /** The bootloader's, which need not be the program's. */
    baudRate: z.number().int().positive(),
    /** A rate that starts the bootloader when a port is opened at it and closed; null where a reset does. */
    touchBaudRate: z.number().int().positive().nullable(),
  }),
  z.strictObject({ tool: z.literal('esptool') }),
  z.strictObject({ tool: z.literal('arduino-cli') }),
]);

/** The JSON of a board; docs/boards.md tells how to write one. */
const fileSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: z.string().min(1).max(28),
  mcu: z.string().nullable(),
  /** The instruction set that the kernels in `codegen/kernels.ts` are chosen for. */
  core: z.enum(['avr', 'rv32imc', 'cortex-m4', 'cortex-m0plus', 'lx106', 'lx6', 'lx7', 'portable']),
  clockHz: z.number().int().positive().nullable(),
  /** Program memory and RAM a program may use, in bytes; null where there is no limit worth checking. */
  flashBytes: bytes,
  ramBytes: bytes,
  /**
   * What a sketch that does nothing but open the serial port takes of both, about: the core with all that is in it. Null
   * where neurona links programs without a core, and counts them whole.
   */
  emptySketch: z
    .strictObject({ flashBytes: z.number().int().positive(), ramBytes: z.number().int().positive() })
    .nullable(),
  /** The largest single constant the compiler accepts, in bytes. */
  largestObjectBytes: bytes,
  /** Constants must lie below this address, where near reads reach, in bytes; null where they reach everything. */
  nearFlashBytes: bytes,
  /** Whether its SDK loads constants from flash into RAM when the program starts, where they stay. */
  constantsInRam: z.boolean(),
  /** The compiler of the board's SDK, and the flags that say which processor it is for. */
  compiler: z.strictObject({ program: z.string(), flags: z.array(z.string()) }),
  /** How a project for the board can run, the usual one first; its plain C also runs on this computer. */
  runs: z.array(z.enum(['simulator', 'host', 'serial'])).min(1),
  /** Toolchains with which neurona itself builds a project, the usual one first; see harness/toolchains.ts. */
  toolchains: z.array(z.enum(['avr-gcc', 'arduino-core', 'gcc'])),
  serial: serialSchema.nullable(),
  /**
   * Vendor and product of its USB interface, as usb.org and the cores' `boards.txt` list them. A bridge chip stands on many
   * boards, so they need not be its own.
   */
  usb: z.array(z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/)),
  /** What puts a program on the board; null where nothing has to. */
  upload: uploadSchema.nullable(),
  /** Arduino's name of the board, and where its boards manager finds the core, if not by itself. */
  fqbn: z
    .string()
    .regex(/^[\w-]+:[\w-]+:[\w-]+(:[\w-]+=[\w-]+(,[\w-]+=[\w-]+)*)?$/)
    .nullable(),
  boardsUrl: z.url().nullable(),
  /** A version of that core with which a sketch is known to build, for sketch.yaml. */
  coreVersion: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .nullable(),
  /** `platform` and `board` of platformio.ini. */
  platformio: z.strictObject({ platform: z.string(), board: z.string() }).nullable(),
  /** Target of ESP-IDF's `idf.py set-target`. */
  idfTarget: z
    .string()
    .regex(/^esp32[a-z0-9]*$/)
    .nullable(),
});

/** One board is one JSON file in `boards/`; this schema is the whole of what the code knows about boards. */
export const boardSchema = fileSchema
  .refine((board) => board.serial !== null || !board.runs.includes('serial'), {
    path: ['serial'],
    ...saying(m`must be told where "runs" names it`),
  })
  .refine(({ mcu, runs }) => !runs.includes('simulator') || SIMULATED_MCUS.some((name) => name === mcu), {
    path: ['runs'],
    ...saying(m`names the simulator, which knows no such "mcu": only ${SIMULATED_MCUS.join(', ')}`),
  })
  .refine(({ fqbn, boardsUrl }) => fqbn !== null || boardsUrl === null, {
    path: ['boardsUrl'],
    ...saying(m`belongs to an fqbn`),
  })
  .refine(({ fqbn, coreVersion }) => (fqbn === null) === (coreVersion === null), {
    path: ['coreVersion'],
    ...saying(m`goes with an fqbn`),
  })
  .transform((board) => ({ ...board, formats: formatsOf(board) }));

/** Formats of `generate` that suit a board, the usual one first. Plain C suits every board. */
function formatsOf({ fqbn, platformio, idfTarget }: z.infer<typeof fileSchema>): FormatName[] {
  const suits: Record<FormatName, boolean> = {
    sketch: fqbn !== null,
    'arduino-library': fqbn !== null,
    platformio: platformio !== null,
    'esp-idf': idfTarget !== null,
    c: true,
  };
  return FORMAT_NAMES.filter((format) => suits[format]);
}

export type Board = z.infer<typeof boardSchema>;

/** RAM of a microcontroller that must stay free for the stack, in bytes. */
export const STACK_RESERVE_BYTES = 128;

const BOARD_FOLDER = path.join(PACKAGE_ROOT, 'boards');

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const message =
      error instanceof SyntaxError ? t`not valid JSON; the file is damaged or cut short` : fileReason(error);
    throw new Problem({ kind: 'data', code: 'bad-board', message, file });
  }
}

/** Reads one board. Throws a `Problem` that names the field. */
export function readBoard(file: string): Board {
  const checked = boardSchema.safeParse(parseJson(file), currentLocale());
  if (checked.success && `${checked.data.id}.json` === path.basename(file)) return checked.data;
  const issue = checked.success
    ? { path: ['id'], message: t`must be the name of the file` }
    : checked.error.issues[0];
  throw new Problem({
    kind: 'data',
    code: 'bad-board',
    message: `${fieldPath(issue.path)}: ${issue.message}`,
    file,
  });
}

/** Every board, in order of id. */
export function allBoards(): Board[] {
  return readdirSync(BOARD_FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readBoard(path.join(BOARD_FOLDER, name)))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The boards that a port may belong to; none where the USB interface is unknown. */
export function boardsOfUsb(vendorId: string | null, productId: string | null): Board[] {
  const id = `${vendorId}:${productId}`.toLowerCase();
  return allBoards().filter(({ usb }) => usb.includes(id));
}

const lettersOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** What helps who named no board: the one that was meant, or those with the processor that was named. */
function boardHint(id: string, boards: readonly Board[]): string {
  const wanted = lettersOf(id);
  const alike = boards
    .filter(({ core, mcu }) => [core, mcu ?? ''].some((name) => lettersOf(name) === wanted))
    .map((board) => board.id);
  if (alike.length > 0) return t`that is the processor of ${alike.join(', ')}`;
  const near = nearest(
    id,
    boards.map((board) => board.id),
  );
  return (
    near ??
    t`neurona boards lists them with their memory; for another one take one with its processor: --board cortex-m4 names those with a Cortex-M4`
  );
}

/** Throws a usage `Problem` that lists the known ids. */
export function findBoard(id: string): Board {
  const boards = allBoards();
  const board = boards.find((candidate) => candidate.id === id);
  if (board) return board;
  throw new Problem({
    kind: 'usage',
    code: 'unknown-board',
    message: t`there is no board "${id}"; known boards: ${boards.map((candidate) => candidate.id).join(', ')}`,
    hint: boardHint(id, boards),
  });
}
