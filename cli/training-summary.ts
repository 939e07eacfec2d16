import type { Colours } from './output.js';
import { counted, grouped, percent, seconds, textTable } from './text-table.js';
import type { Training } from './training.js';

/** The names of few classes, or their number. */
function classList(classes: readonly string[]): string {
  const list = classes.join(', ');
  return list.length <= 50 ? list : counted(classes.length, 'class');
}

/** "8-bit weights; sums of layers 1, 2 in 16, 24 bits" */
function integerLine(layers: Training['report']['integers']): string {
  const { weightBits } = layers[0];
  const weights = weightBits === 2 ? 'ternary' : `${weightBits}-bit`;
  const bits = layers.map(({ accumulatorBits }) => accumulatorBits);
  const sums =
    new Set(bits).size === 1 ? `all sums in ${bits[0]} bits` : `sums in ${bits.join(', ')} bits by layer`;
  return `${weights} weights, ${sums}`;
}

/** The same in one line. */
export function trainingBrief({ report }: Training, file: string): string {
  const { train, test } = report.quantizedAccuracy;
  return `${file}: ${percent(test ?? train)} of the ${test === null ? 'training' : 'test'} rows right in integers`;
}

/** What `neurona train` tells people; `file` is where the network was written. */
export function trainingLines({ report, options }: Training, file: string, { bold, dim }: Colours): string[] {
  const { accuracy, quantizedAccuracy, folds } = report;
  const units = report.architecture.split('-');
  const hidden = units.slice(1, -1).map((count) => `${count} ${options.activation}`);
  const structure = [`${units[0]} inputs`, ...hidden, `${units.at(-1)} ${options.output}`].join(' → ');
  const rows = report.testRows > 0 ? [report.trainRows, report.testRows] : [report.trainRows];
  const columns = [['', 'training', 'test'].slice(0, rows.length + 1).map(bold)];
  columns.push(['rows', ...rows.map(grouped)]);
  columns.push(['floating point', percent(accuracy.train), percent(accuracy.test)].slice(0, rows.length + 1));
  columns.push(
    ['integers', percent(quantizedAccuracy.train), percent(quantizedAccuracy.test)].slice(0, rows.length + 1),
  );
  const { resumedEpochs = 0 } = report;
  const before = resumedEpochs > 0 ? `, ${grouped(report.epochs - resumedEpochs)} of them now` : '';
  const epochs = counted(report.epochs, 'epoch') + before;
  return [
    `${bold(structure)} ${dim('(inputs and outputs follow from the data)')}`,
    `classes: ${classList(report.classes)}`,
    `${epochs} in ${seconds(report.seconds)}, ${grouped(report.samplesPerSecond)} rows/s, seed ${report.seed}`,
    '',
    ...textTable(columns, ['left', 'right']),
    '',
    ...(folds
      ? [
          `cross-validation, ${folds.count} parts: ${percent(folds.accuracy)} floating point, ${percent(folds.quantizedAccuracy)} integers`,
        ]
      : []),
    integerLine(report.integers),
    `integers and floating point agree on ${percent(report.agreement)} of the rows`,
    `written: ${file}`,
    '',
    `next: neurona generate ${file} --board uno -o firmware`,
  ];
}
