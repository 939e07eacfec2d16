import { m } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND, DATA_OPTIONS } from '../data-options.js';
import { integer } from '../option-spec.js';

export const explain = defineCommand({
  name: 'explain',
  group: 'From data to board:',
  summary: m`forward and backward pass of one row, formula by formula`,
  description: m`One row through a network, forwards and backwards, in the notation of a lecture: element by element and in vector form, the errors δ, the cost, and the gradient beside its numeric check. In floating point.`,
  operands: { '<network>': m`network.json`, ...DATA_OPERAND },
  groups: {
    'Explain:': {
      row: integer(m`row of the data, counted from 1 without the header`, { from: 1, to: 2 ** 31 }),
    },
    'Data:': DATA_OPTIONS,
  },
  required: ['row'],
  examples: [
    'neurona explain network.json iris.csv --row 1',
    'neurona explain network.json xor.csv --row 2 --lang es',
  ],
  async run([file, ...files], options, { output, language }) {
    const [{ readNetworkFile }, { loadDataset }, { explainRow }, lines] = await Promise.all([
      import('../../model/network-file.js'),
      import('../../dataset/load.js'),
      import('../explain/explain-row.js'),
      import('../explain/explanation.js'),
    ]);
    const { network } = readNetworkFile(file);
    const { features, classes, targets, input } = network;
    const reference = { features, classes, targets, resize: input.resize };
    const data = await loadDataset(files, { ...options, reference, note: output.note });
    const explained = explainRow(network, data, options.row ?? 1, language, file);
    output.result(lines.explanationObject(explained), (colours) =>
      lines.explanationLines(explained, colours),
    );
  },
});
