import { Problem, rejectData } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND, DATA_OPTIONS } from '../data-options.js';
import { languageOf } from '../explain/messages.js';
import { choice, integer } from '../option-spec.js';

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
    const { features, classes, input } = network;
    const reference = { features, classes, resize: input.resize };
    const data = await loadDataset(files, { ...options, reference });
    const labels = data.labels ?? rejectData('no-labels', 'the data has no label column to compare with');
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
    const label = labels[row - 1];
    const explained = {
      network,
      trace: traceRow(network, raw, label, settings),
      settings,
      row,
      data: data.name,
      label,
      lang: options.lang ?? languageOf(process.env.LANG),
    };
    output.result(lines.explanationObject(explained), (colours) =>
      lines.explanationLines(explained, colours),
    );
  },
});
