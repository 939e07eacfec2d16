import type { Dataset } from '../../dataset/dataset.js';
import type { Network } from '../../model/network.js';
import { Problem, rejectData } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND, DATA_OPTIONS } from '../data-options.js';
import { languageOf } from '../explain/messages.js';
import { choice, integer } from '../option-spec.js';

/** What the data says about a row, as it stands there and as the network is to output it: a class, or numbers. */
async function aimOf(
  { targets }: Network,
  data: Dataset,
  row: number,
): Promise<{ actual: number | Float64Array; aim: number | Float64Array }> {
  if (!targets) {
    const labels = data.labels ?? rejectData('no-labels', 'the data has no label column to compare with');
    return { actual: labels[row], aim: labels[row] };
  }
  const { standardizeTargets } = await import('../../trainer/target-scaling.js');
  const values = data.targets ?? rejectData('no-labels', 'the data has no target column to compare with');
  const count = values.names.length;
  const actual = values.values.slice(row * count, (row + 1) * count);
  return { actual, aim: standardizeTargets(actual, targets) };
}

export const explain = defineCommand({
  name: 'explain',
  group: 'From data to board:',
  summary: 'forward and backward pass of one row, formula by formula',
  description:
    'One row through a network, forwards and backwards, in the notation of a lecture: element by element and in ' +
    'vector form, the errors δ, the cost, and the gradient beside its numeric check. In floating point.',
  operands: { '<network>': 'network.json', ...DATA_OPERAND },
  groups: {
    'Explain:': {
      row: integer('row of the data, counted from 1 without the header', { from: 1, to: 2 ** 31 }),
      lang: choice('language of the text (default: from LANG)', '<language>', ['es', 'en']),
    },
    'Data:': DATA_OPTIONS,
  },
  required: ['row'],
  examples: [
    'neurona explain network.json iris.csv --row 1',
    'neurona explain network.json xor.csv --row 2 --lang es',
  ],
  async run([file, ...files], options, { output }) {
    const [{ readNetworkFile }, { loadDataset }, { costSettings }, { traceRow }, lines] = await Promise.all([
      import('../../model/network-file.js'),
      import('../../dataset/load.js'),
      import('../explain/cost-settings.js'),
      import('../explain/row-trace.js'),
      import('../explain/explanation.js'),
    ]);
    const { network } = readNetworkFile(file);
    const settings = costSettings(network, file);
    const { features, classes, targets, input } = network;
    const reference = { features, classes, targets, resize: input.resize };
    const data = await loadDataset(files, { ...options, reference });
    const row = options.row ?? 1;
    if (row > data.rows) {
      throw new Problem({
        kind: 'usage',
        code: 'row-out-of-range',
        message: `--row is ${row}; the data has rows 1..${data.rows}`,
        hint: `choose a row from 1 to ${data.rows}`,
      });
    }
    const raw = Float64Array.from(data.values.subarray((row - 1) * features.length, row * features.length));
    const { actual, aim } = await aimOf(network, data, row - 1);
    const explained = {
      network,
      trace: traceRow(network, raw, aim, settings),
      settings,
      row,
      data: data.name,
      actual,
      lang: options.lang ?? languageOf(process.env.LANG),
    };
    output.result(lines.explanationObject(explained), (colours) =>
      lines.explanationLines(explained, colours),
    );
  },
});
