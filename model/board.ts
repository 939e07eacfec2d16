import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { fieldPath } from './artifact.js';
import { PACKAGE_ROOT } from './package-root.js';
import { Problem } from './problem.js';

/** One board is one JSON file in `boards/`; this schema is the whole of what the code knows about boards. */
export const boardSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string(),
  mcu: z.string().nullable(),
  /** The instruction set that the kernels in `codegen/kernels.ts` are chosen for. */
  core: z.enum(['avr', 'rv32imc', 'cortex-m4', 'cortex-m0plus', 'lx106', 'portable']),
  clockHz: z.number().int().positive().nullable(),
  /** Program memory and RAM a program may use, in bytes; null where there is no limit worth checking. */
  flashBytes: z.number().int().positive().nullable(),
  ramBytes: z.number().int().positive().nullable(),
  /** The largest single constant the compiler accepts, in bytes. */
  largestObjectBytes: z.number().int().positive().nullable(),
  /** Output formats of `generate`, the usual one first. */
  formats: z.array(z.enum(['sketch', 'c'])).min(1),
  /** How a generated program can run, the usual one first. */
  runs: z.array(z.enum(['simulator', 'host', 'serial'])).min(1),
  /** Toolchains that build it, the usual one first; see harness/toolchains.ts. */
  toolchains: z.array(z.enum(['avr-gcc', 'arduino-core', 'gcc'])).min(1),
  serial: z
    .strictObject({
      baudRate: z.number().int().positive(),
      /** How long the bootloader may stay silent after a reset, in milliseconds. */
      bootMilliseconds: z.number().int().nonnegative(),
    })
    .nullable(),
  fqbn: z.string().nullable(),
});

export type Board = z.infer<typeof boardSchema>;

const BOARD_FOLDER = path.join(PACKAGE_ROOT, 'boards');

function loadBoard(file: string): Board {
  const checked = boardSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (checked.success && `${checked.data.id}.json` === path.basename(file)) return checked.data;
  const issue = checked.success
    ? { path: ['id'], message: 'must be the name of the file' }
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
    .sort()
    .map((name) => loadBoard(path.join(BOARD_FOLDER, name)));
}

/** Throws a usage `Problem` that lists the known ids. */
export function findBoard(id: string): Board {
  const boards = allBoards();
  const board = boards.find((candidate) => candidate.id === id);
  if (board) return board;
  throw new Problem({
    kind: 'usage',
    code: 'unknown-board',
    message: `there is no board "${id}"; known boards: ${boards.map((candidate) => candidate.id).join(', ')}`,
    hint: 'neurona boards lists them with their memory',
  });
}
