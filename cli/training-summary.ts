import { t } from '../model/messages.js';
import type { TargetScore } from '../trainer/regression-scores.js';
import { shellWords } from '../model/shell-words.js';
import { nextProgram } from './invocation.js';
import type { ClassOutcome, TargetOutcome } from './outcome.js';
import type { Colours } from './output.js';
import { measure, rmseText, scoreTable, unitText } from './score-lines.js';
import { counted, grouped, percent, seconds, textTable, type Noun } from './text-table.js';
import type { Training, TrainReport } from './training.js';

/** The names of few, or their number. */
function nameList(names: readonly string[], noun: Noun): string {
  const list = names.join(', ');
  return list.length <= 50 ? list : counted(names.length, noun);
}

/** "8-bit weights; sums of layers 1, 2 in 16, 24 bits" */
function integerLine(layers: Training['report']['integers']): string {
  const { weightBits } = layers[0];
  const bits = layers.map(({ accumulatorBits }) => accumulatorBits);
  const sums =
    new Set(bits).size === 1 ? t`all sums in ${bits[0]} bits` : t`sums in ${bits.join(', ')} bits by layer`;
  return weightBits === 2 ? t`ternary weights, ${sums}` : t`${weightBits}-bit weights, ${sums}`;
}

/** The same in one line. */
export function trainingBrief({ report }: Training, file: string): string {
  const part = report.testRows > 0 ? t`test` : t`training`;
  if (report.task === 'regression') {
    const { train, test } = report.quantizedScores;
    return t`${file}: ${rmseText(test ?? train)} on the ${part} rows in integers`;
  }
  const { train, test } = report.quantizedAccuracy;
  return t`${file}: ${percent(test ?? train)} of the ${part} rows right in integers`;
}

function classLines(report: TrainReport & ClassOutcome, bold: Colours['bold']): string[] {
  const { accuracy, quantizedAccuracy, folds } = report;
  const rows = report.testRows > 0 ? [report.trainRows, report.testRows] : [report.trainRows];
  const columns = [['', t`training`, t`test`].slice(0, rows.length + 1).map(bold)];
  columns.push([t`rows`, ...rows.map(grouped)]);
  columns.push(
    [t`floating point`, percent(accuracy.train), percent(accuracy.test)].slice(0, rows.length + 1),
  );
  columns.push(
    [t`integers`, percent(quantizedAccuracy.train), percent(quantizedAccuracy.test)].slice(
      0,
      rows.length + 1,
    ),
  );
  return [
    ...textTable(columns, ['left', 'right']),
    '',
    ...(folds
      ? [
          t`cross-validation, ${folds.count} parts: ${percent(folds.accuracy)} floating point, ${percent(folds.quantizedAccuracy)} integers`,
        ]
      : []),
    integerLine(report.integers),
    t`integers and floating point agree on ${percent(report.agreement)} of the rows`,
  ];
}

function targetLines(report: TrainReport & TargetOutcome, bold: Colours['bold']): string[] {
  const { scores, quantizedScores, folds, difference, decimals, targets } = report;
  const rowsOf = (
    part: string,
    float: readonly TargetScore[] | null,
    integer: readonly TargetScore[] | null,
  ) =>
    float && integer
      ? ([
          [[part, t`floating point`], float],
          [[part, t`integers`], integer],
        ] as const)
      : [];
  const parts = [
    ...rowsOf(t`training`, scores.train, quantizedScores.train),
    ...rowsOf(t`test`, scores.test, quantizedScores.test),
    ...rowsOf(t`${folds?.count} folds`, folds?.scores ?? null, folds?.quantizedScores ?? null),
  ];
  const units = decimals.map((count, k) => t`the board answers ${targets[k]} in units of ${unitText(count)}`);
  return [
    ...(report.testRows > 0
      ? [t`${grouped(report.trainRows)} training rows, ${grouped(report.testRows)} test rows`]
      : [t`${grouped(report.trainRows)} training rows`]),
    '',
    ...scoreTable([t`rows`, t`numbers`], parts, bold),
    '',
    t`integers and floating point differ by ${difference.map(measure).join(', ')} (root of the mean square)`,
    integerLine(report.integers),
    ...units,
  ];
}

/** What `neurona train` tells people; `file` is where the network was written. */
export function trainingLines({ report, options }: Training, file: string, { bold, dim }: Colours): string[] {
  const units = report.architecture.split('-');
  const hidden = units.slice(1, -1).map((count) => `${count} ${options.activation}`);
  const structure = [t`${units[0]} inputs`, ...hidden, `${units.at(-1)} ${options.output}`].join(' → ');
  const { resumedEpochs = 0 } = report;
  const before = resumedEpochs > 0 ? t`, ${grouped(report.epochs - resumedEpochs)} of them now` : '';
  const epochs = counted(report.epochs, 'epoch') + before;
  const names = report.task === 'regression' ? report.targets : report.classes;
  return [
    `${bold(structure)} ${dim(t`(inputs and outputs follow from the data)`)}`,
    report.task === 'regression'
      ? t`targets: ${nameList(names, 'target')}`
      : t`classes: ${nameList(names, 'class')}`,
    t`${epochs} in ${seconds(report.seconds)}, ${grouped(report.samplesPerSecond)} rows/s, seed ${report.seed}`,
    '',
    ...(report.task === 'regression' ? targetLines(report, bold) : classLines(report, bold)),
    t`written: ${file}`,
    '',
    t`next: ${nextProgram()} generate ${shellWords([file])} --board uno -o firmware`,
  ];
}
