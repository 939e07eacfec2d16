import { loadDataset, type LoadOptions } from '../dataset/load.js';
import { t } from '../model/messages.js';
import type { Network } from '../model/network.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { compareOnRows, type TargetComparison } from './comparison.js';
import { r2Text, scoreTable } from './score-lines.js';
import { counted, percent } from './text-table.js';

/** What a file of rows says about the step from a network to its integers. */
export interface QuantizationCheck {
  /** What is lost, in points: of accuracy, or of the R² of the target that loses most. */
  readonly drop: number;
  /** "in integers the accuracy falls from … to …" */
  readonly fall: string;
  /** For --json. */
  readonly fields: object;
  /** For people. */
  readonly lines: readonly string[];
}

function targetCheck({ rows, float, integer, difference }: TargetComparison): QuantizationCheck {
  const drops = float.map(({ r2 }, k) => 100 * ((r2 ?? 0) - (integer[k].r2 ?? 0)));
  const drop = drops.reduce((most, value) => Math.max(most, value), -Infinity);
  const worst = drops.indexOf(drop);
  const { target } = float[worst];
  return {
    drop,
    fall: t`in integers the R² of target "${target}" falls from ${r2Text(float[worst].r2)} to ${r2Text(integer[worst].r2)}`,
    fields: { scores: { float, quantized: integer }, difference },
    lines: [
      t`on ${counted(rows, 'row')}:`,
      ...scoreTable(
        [t`numbers`],
        [
          [[t`floating point`], float],
          [[t`integers`], integer],
        ],
        (text) => text,
      ),
      '',
    ],
  };
}

/** Compares both on the rows of a file. Throws a `Problem` for data that do not go with the network. */
export async function checkOnData(
  network: Network,
  model: QuantizedModel,
  file: string,
  options: Pick<LoadOptions, 'label' | 'header' | 'note'>,
): Promise<QuantizationCheck> {
  const { features, classes, targets, input } = network;
  const { label, header, note } = options;
  const reference = { features, classes, targets, resize: input.resize };
  const data = await loadDataset([file], { label, header, reference, note });
  const found = compareOnRows(network, model, data);
  if (found.task === 'regression') return targetCheck(found);
  const { rows, float, integer, agreement } = found;
  return {
    drop: 100 * (float - integer),
    fall: t`in integers the accuracy falls from ${percent(float)} to ${percent(integer)}`,
    fields: { agreement, accuracy: { float, quantized: integer } },
    lines: [
      t`agreement: ${percent(agreement)} of ${counted(rows, 'row')} get the class the network gives them`,
      t`accuracy: ${percent(float)} in floating point, ${percent(integer)} in integers`,
    ],
  };
}
