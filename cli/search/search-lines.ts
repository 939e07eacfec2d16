import { findBoard } from '../../model/board.js';
import { t } from '../../model/messages.js';
import { boardName } from '../board-name.js';
import { duration } from '../estimate-lines.js';
import { shellWords } from '../../model/shell-words.js';
import { nextProgram } from '../invocation.js';
import type { Colours } from '../output.js';
import { grouped, percent, textTable } from '../text-table.js';
import type { SearchResult } from './search.js';
import type { Trial } from './trial.js';

/** What `neurona search` tells people. */

/** "97.5 %", or R² in a regression. */
export const scoreText = ({ accuracy, r2 }: Pick<Trial, 'accuracy' | 'r2'>): string =>
  r2 === null ? percent(accuracy) : t`R² ${r2.toFixed(3)}`;

function budgetText({ flashBytes, ramBytes, microseconds }: SearchResult['budget']): string {
  const limits = [
    ...(flashBytes === null ? [] : [t`${grouped(flashBytes)} bytes of flash`]),
    ...(ramBytes === null ? [] : [t`${grouped(ramBytes)} bytes of RAM`]),
    ...(microseconds === null ? [] : [t`${duration(microseconds)} a row`]),
  ];
  return limits.length === 0 ? '' : t`, at most ${limits.join(', ')}`;
}

export const searchBrief = ({ best }: SearchResult, file: string): string =>
  t`${file}: ${best.architecture} with ${best.bits}-bit weights, ${scoreText(best)}`;

/** `file` is where the best network was written. */
export function searchLines(result: SearchResult, file: string, { bold, dim, green }: Colours): string[] {
  const { trials, best, front, board, folds, budget, testScore } = result;
  const test = best.r2 === null ? { accuracy: testScore, r2: null } : { accuracy: null, r2: testScore };
  const trained = trials.filter((trial) => trial.folds > 0);
  const rows = front.map((trial) => {
    const { architecture, bits, flashBytes, ramBytes, microseconds, worstMicroseconds } = trial;
    return [
      architecture,
      String(bits),
      scoreText(trial),
      grouped(flashBytes),
      grouped(ramBytes),
      duration(microseconds),
      duration(worstMicroseconds),
      trial === best ? green(t`best`) : '',
    ];
  });
  const head = [t`network`, t`bits`, t`score`, t`flash`, t`RAM`, t`typical`, t`worst`].map((cell) =>
    bold(cell),
  );
  return [
    `${bold(boardName(findBoard(board)))}${budgetText(budget)}`,
    '',
    ...textTable([head, ...rows], ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left']),
    '',
    t`${trials.length} networks looked at, ${trained.length} trained, ${trained.filter((trial) => trial.folds === folds).length} of them to the end`,
    dim(
      folds === 1
        ? t`score: of integers, over training rows set aside`
        : t`score: of integers, mean of ${folds} parts of the training rows`,
    ),
    dim(t`each line beats every other one in score, flash, RAM or time`),
    ...(testScore === null
      ? []
      : [t`test rows: ${scoreText(test)} with the best; they had no say in the choice`]),
    t`written: ${file}`,
    '',
    t`next: ${nextProgram()} generate ${shellWords([file])} --board ${board} -o firmware`,
  ];
}
