import type { BoardEstimate } from '../codegen/board-estimate.js';
import type { Board } from '../model/board.js';
import type { Colours } from './output.js';
import { grouped, percent, textTable } from './text-table.js';

/** What `estimate` says to people. */

export const UNITS = { cycles: 'cycles', instructions: 'instr.' } as const;

export function duration(microseconds: number | null): string {
  if (microseconds === null) return '–';
  if (microseconds < 1000) return `${microseconds.toPrecision(3)} µs`;
  return `${(microseconds / 1000).toPrecision(3)} ms`;
}

const TYPICAL = (from: string): string =>
  from === 'assumption'
    ? 'typical: as if half of the hidden activations were 0; --data FILE tells more'
    : `typical: the median of ${from}`;

const INSTRUCTIONS = 'instr.: instructions; times are about, without waits for flash';
const MODEL_ALONE = 'flash and RAM: what the model adds to a program, where neurona does not link it';

/** Every board, a line each. `typical`: where the typical time comes from; null where time is constant. */
export function boardTable(
  estimates: readonly (BoardEstimate & { readonly id: string })[],
  typical: string | null,
  { bold, dim, green, red }: Colours,
): string[] {
  const rows = estimates.map(({ id, flashBytes, ramBytes, cycles, unit, microseconds, fits }) => [
    id,
    grouped(flashBytes),
    grouped(ramBytes),
    cycles ? grouped(cycles.typical) : '–',
    cycles ? grouped(cycles.worst) : '–',
    cycles ? UNITS[unit] : '',
    duration(microseconds),
    fits ? green('yes') : red('no'),
  ]);
  const head = ['board', 'flash', 'RAM', 'typical', 'worst', '', 'time', 'fits'].map((cell) => bold(cell));
  const notes = [
    ...(typical === null ? [] : [TYPICAL(typical)]),
    ...(estimates.some(({ cycles, unit }) => cycles && unit === 'instructions') ? [INSTRUCTIONS] : []),
    ...(estimates.some(({ counted }) => counted === 'model') ? [MODEL_ALONE] : []),
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
  const { flashBytes, ramBytes, stackBytes, cycles, unit, microseconds, counted, shortfall } = estimated;
  const of = (bytes: number, limit: number | null): string =>
    limit === null ? '' : `${percent(bytes / limit)} of ${grouped(limit)}`;
  const rows = [
    ['flash', `${grouped(flashBytes)} bytes`, of(flashBytes, board.flashBytes)],
    [
      'RAM',
      `${grouped(ramBytes)} bytes`,
      of(ramBytes, board.ramBytes),
      `${grouped(stackBytes)} of them stack`,
    ],
    ...(cycles
      ? [
          ['typical', `${grouped(cycles.typical)} ${UNITS[unit]}`, duration(microseconds)],
          ['worst', `${grouped(cycles.worst)} ${UNITS[unit]}`],
        ]
      : []),
  ];
  const notes = [
    ...(cycles && typical !== null ? [TYPICAL(typical)] : []),
    ...(cycles && unit === 'instructions' ? [INSTRUCTIONS] : []),
    ...(counted === 'model' ? ['flash and RAM: what the model adds to a program'] : []),
  ];
  return [
    `${bold(board.name)}: ${shortfall === null ? green('fits') : red(shortfall)}`,
    '',
    ...textTable(rows, ['left', 'right', 'left']),
    `kernels  ${estimated.kernels.join(', ')}`,
    '',
    ...changes.map((change) => `would fit: ${change}`),
    ...notes.map((note) => dim(note)),
  ];
}
