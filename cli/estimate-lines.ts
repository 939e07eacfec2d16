import { boardName } from './board-name.js';
import type { BoardEstimate } from '../codegen/board-estimate.js';
import type { ProgramMemory } from '../codegen/layer-work.js';
import type { StandIn } from '../codegen/estimate.js';
import type { Board } from '../model/board.js';
import { m, say, t } from '../model/messages.js';
import type { Colours } from './output.js';
import { grouped, percent, textTable } from './text-table.js';

/** What `estimate` says to people. */

const UNITS = { cycles: m`cycles`, instructions: m`instr.` } as const;

/** 1234 → "1,234 cycles" */
export const stepsText = (count: number, unit: keyof typeof UNITS): string =>
  `${grouped(count)} ${say(UNITS[unit])}`;

export function duration(microseconds: number | null): string {
  if (microseconds === null) return '–';
  if (microseconds < 1000) return `${microseconds.toPrecision(3)} µs`;
  return `${(microseconds / 1000).toPrecision(3)} ms`;
}

const TYPICAL = (from: string): string =>
  from === 'assumption'
    ? t`typical: as if half of the hidden activations were 0; --data FILE tells more`
    : t`typical: the median of ${from}`;

const INSTRUCTIONS = m`instr.: instructions; times are about, without waits for flash`;
const MODEL_ALONE = m`flash and RAM: what the model adds to a program, where neurona does not link it`;

const STAND_INS: Readonly<Record<StandIn, (boards: string) => string>> = {
  llvm: (boards) => t`${boards}: learnt from code of LLVM; what is C, Espressif's GCC compiles otherwise`,
  atmega328p: (boards) =>
    t`${boards}: cycles of an ATmega328P; its own processor takes fewer to store and to call`,
};

/** What a program takes in the Arduino IDE. */
export const coreText = ({ flashBytes, ramBytes }: ProgramMemory): string =>
  t`about ${grouped(flashBytes)} bytes of flash and ${grouped(ramBytes)} of RAM, with its core`;

type BoardLine = BoardEstimate & { readonly id: string };

/** What boards are estimated by that were not measured themselves, a line for each kind. */
export function standInNotes(estimates: readonly Pick<BoardLine, 'id' | 'standIn'>[]): string[] {
  return (Object.keys(STAND_INS) as StandIn[]).flatMap((kind) => {
    const ids = estimates.filter(({ standIn }) => standIn === kind).map(({ id }) => id);
    return ids.length > 0 ? [STAND_INS[kind](ids.join(', '))] : [];
  });
}

/** What the Arduino IDE adds to what neurona links, and where that is too much. */
function coreNotes(estimates: readonly BoardLine[]): string[] {
  const known = estimates.filter(({ withArduinoCore }) => withArduinoCore);
  if (known.length === 0) return [];
  const extra = known.map(({ withArduinoCore, flashBytes }) => withArduinoCore!.flashBytes - flashBytes);
  return [
    t`${known.map(({ id }) => id).join(', ')}: as neurona build links them; the Arduino IDE adds a core of up to ${grouped(Math.max(...extra))} bytes`,
    ...known.flatMap(({ coreShortfall }) => coreShortfall ?? []),
  ];
}

/** Every board, a line each. `typical`: where the typical time comes from; null where time is constant. */
export function boardTable(
  estimates: readonly BoardLine[],
  typical: string | null,
  { bold, dim, green, red }: Colours,
): string[] {
  const rows = estimates.map(({ id, flashBytes, ramBytes, cycles, unit, microseconds, fits }) => [
    id,
    grouped(flashBytes),
    grouped(ramBytes),
    cycles ? grouped(cycles.typical) : '–',
    cycles ? grouped(cycles.worst) : '–',
    cycles ? say(UNITS[unit]) : '',
    duration(microseconds),
    fits ? green(t`yes`) : red(t`no`),
  ]);
  const head = [t`board`, t`flash`, t`RAM`, t`typical`, t`worst`, '', t`time`, t`fits`].map((cell) =>
    bold(cell),
  );
  const notes = [
    ...(typical === null ? [] : [TYPICAL(typical)]),
    ...(estimates.some(({ cycles, unit }) => cycles && unit === 'instructions') ? [say(INSTRUCTIONS)] : []),
    ...(estimates.some(({ counted }) => counted === 'model') ? [say(MODEL_ALONE)] : []),
    ...coreNotes(estimates),
    ...standInNotes(estimates),
  ];
  const sides = ['left', 'right', 'right', 'right', 'right', 'left', 'right', 'left'] as const;
  return [...textTable([head, ...rows], sides), '', ...notes.map((note) => dim(note))];
}

/** One board, with its shares, its kernels and what would fit if this does not. */
export function boardLines(
  board: Board,
  estimated: BoardEstimate,
  typical: string | null,
  changes: readonly string[],
  { bold, dim, green, red }: Colours,
): string[] {
  const {
    flashBytes,
    ramBytes,
    stackBytes,
    cycles,
    unit,
    microseconds,
    counted,
    shortfall,
    withArduinoCore,
    coreShortfall,
  } = estimated;
  const of = (bytes: number, limit: number | null): string =>
    limit === null ? '' : t`${percent(bytes / limit)} of ${grouped(limit)}`;
  const rows = [
    [t`flash`, t`${grouped(flashBytes)} bytes`, of(flashBytes, board.flashBytes)],
    [
      t`RAM`,
      t`${grouped(ramBytes)} bytes`,
      of(ramBytes, board.ramBytes),
      t`${grouped(stackBytes)} of them stack`,
    ],
    ...(cycles
      ? [
          [t`typical`, stepsText(cycles.typical, unit), duration(microseconds)],
          [t`worst`, stepsText(cycles.worst, unit)],
        ]
      : []),
  ];
  const notes = [
    ...(cycles && typical !== null ? [TYPICAL(typical)] : []),
    ...(cycles && unit === 'instructions' ? [say(INSTRUCTIONS)] : []),
    ...(counted === 'model' ? [t`flash and RAM: what the model adds to a program`] : []),
    ...(withArduinoCore ? [t`in the Arduino IDE: ${coreText(withArduinoCore)}`] : []),
    ...standInNotes([{ id: board.id, ...estimated }]),
  ];
  return [
    `${bold(boardName(board))}: ${shortfall === null ? green(t`fits`) : red(shortfall)}`,
    '',
    ...textTable(rows, ['left', 'right', 'left']),
    `${t`kernels`}  ${estimated.kernels.join(', ')}`,
    '',
    ...(coreShortfall === null ? [] : [red(coreShortfall)]),
    ...changes.map((change) => t`would fit: ${change}`),
    ...notes.map((note) => dim(note)),
  ];
}
