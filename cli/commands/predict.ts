import stringWidth from 'string-width';
import { Problem } from '../../model/problem.js';
import type { Dataset } from '../../dataset/dataset.js';
import { m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND, DATA_OPTIONS } from '../data-options.js';
import { toggle } from '../option-spec.js';
import type { Decided } from '../predictions.js';
import { csvLine, textTable } from '../text-table.js';
import { lineWidth } from '../wrap.js';

interface Prediction {
  /** Counted from 1, as in the data without its header. */
  readonly row: number;
  readonly class: string;
  /** What the data say, where they have labels. */
  readonly label?: string;
  /** Raw integers of the model, or activations of the network. */
  readonly outputs: readonly number[];
}

function predictionsOf(
  data: Dataset,
  names: readonly string[],
  { outputs, classes }: Decided<ArrayLike<number>>,
): Prediction[] {
  const size = outputs.length / data.rows;
  return Array.from(classes, (index, r) => ({
    row: r + 1,
    class: names[index],
    ...(data.labels && { label: names[data.labels[r]] }),
    outputs: Array.from({ length: size }, (_, k) => outputs[r * size + k]),
  }));
}

const usage = (code: string, message: string, hint: string): never => {
  throw new Problem({ kind: 'usage', code, message, hint });
};

/** Heading and a line for each prediction, as cells. */
function cellsOf(predictions: readonly Prediction[], names: readonly string[], digits: number | null) {
  const hasLabels = predictions[0]?.label !== undefined;
  const shown = (value: number): string => (digits === null ? String(value) : value.toFixed(digits));
  return [
    [t`row`, t`class`, ...(hasLabels ? [t`label`] : []), ...names],
    ...predictions.map(({ row, class: name, label, outputs }) => [
      String(row),
      name,
      ...(label === undefined ? [] : [label]),
      ...outputs.map(shown),
    ]),
  ];
}

/** Without the outputs where they would make it too wide; --csv and --json have them. */
function tableLines(cells: readonly (readonly string[])[], outputs: number): string[] {
  const table = (rows: readonly (readonly string[])[], texts: number): string[] =>
    textTable(rows, ['right', ...Array.from({ length: texts }, () => 'left' as const), 'right']);
  const texts = cells[0].length - 1 - outputs;
  const whole = table(cells, texts);
  if (whole.every((line) => stringWidth(line) <= lineWidth())) return whole;
  return [
    ...table(
      cells.map((row) => row.slice(0, 1 + texts)),
      texts,
    ),
    t`(--csv and --json give the outputs too)`,
  ];
}

export const predict = defineCommand({
  name: 'predict',
  group: 'From data to board:',
  summary: m`the class of every row, or the numbers predicted for it`,
  description: m`The class and the outputs of every row, or the numbers of a regression, with or without labels: in integers, exactly as the board computes; a network.json is quantised on the way. Features are found by their names in the header, other columns are left alone.`,
  operands: { '<artifact>': m`network.json or model.json`, ...DATA_OPERAND },
  groups: {
    'Predict:': {
      float: toggle('on', m`in floating point, with activations for outputs (network.json)`),
      csv: toggle('on', m`lines of CSV on stdout`),
    },
    'Data:': {
      ...DATA_OPTIONS,
      label: {
        ...DATA_OPTIONS.label,
        description: m`column with the class, to show it beside (default: none)`,
      },
    },
  },
  examples: [
    'neurona predict model.json new.csv',
    'neurona predict network.json new.csv --csv > classes.csv',
  ],
  async run([artifact, ...files], { float = false, csv = false, label, header }, { output }) {
    if (csv && output.json)
      usage(
        'conflicting-options',
        t`${'--csv'} and ${'--json'} contradict each other`,
        t`give only one of them`,
      );
    const [{ readNetworkOrModel }, { loadDataset }, decided, { modelFileText }, codegen] = await Promise.all([
      import('../artifacts.js'),
      import('../../dataset/load.js'),
      import('../predictions.js'),
      import('../../model/model-file.js'),
      import('../../codegen/quantize.js'),
    ]);
    const found = readNetworkOrModel(artifact);
    if (float && found.kind === 'model')
      usage('wrong-kind', t`--float needs a network; ${artifact} holds integers`, t`leave --float out`);
    const { classes, targets } = found.kind === 'model' ? found.model : found.network;
    const input =
      found.kind === 'model'
        ? found.model.input
        : { ...found.network.input, features: found.network.features };
    const reference = { features: input.features, classes, targets, resize: input.resize };
    const data = await loadDataset(files, {
      label,
      header,
      reference,
      note: output.note,
      labelsOptional: true,
      onlyNamedLabel: true,
    });
    if (targets) {
      const { predictValues, valueCells } = await import('../value-predictions.js');
      const source =
        found.kind === 'model' || float ? found : { model: codegen.quantize(found.network).model };
      const predictions = predictValues(source, data);
      const modelHash = 'model' in source ? modelFileText(source.model).hash : null;
      const { names, decimals } = targets;
      const result = {
        artifact,
        modelHash,
        rows: data.rows,
        task: 'regression',
        targets: names,
        predictions,
      };
      output.result(result, () =>
        csv
          ? valueCells(predictions, names, null).map(csvLine).join('\n')
          : textTable(valueCells(predictions, names, decimals), ['right']),
      );
      return;
    }
    let decisions: Decided<ArrayLike<number>>;
    let modelHash: string | null = null;
    if (found.kind === 'network' && float) decisions = decided.decideInFloat(found.network, data);
    else {
      const model = found.kind === 'model' ? found.model : codegen.quantize(found.network).model;
      decisions = decided.decideInIntegers(model, data);
      modelHash = modelFileText(model).hash;
    }
    const predictions = predictionsOf(data, classes, decisions);
    const size = predictions[0].outputs.length;
    const names = size === classes.length ? classes : ['output'];
    const result = { artifact, modelHash, rows: data.rows, classes, outputs: names, predictions };
    output.result(result, () =>
      csv
        ? cellsOf(predictions, names, null).map(csvLine).join('\n')
        : tableLines(cellsOf(predictions, names, float ? 4 : null), size),
    );
  },
});
