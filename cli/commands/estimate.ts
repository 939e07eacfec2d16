import { FORMATS, type Format } from '../../codegen/formats.js';
import { m, t } from '../../model/messages.js';
import { Problem } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPTIONS } from '../data-options.js';
import { choice, filePath, text, toggle } from '../option-spec.js';

export const estimate = defineCommand({
  name: 'estimate',
  group: 'From data to board:',
  summary: m`flash, RAM and time on a board, before compiling`,
  description: m`Predicts what a model takes of a board, or of every board: flash, RAM with its stack, and the time of a forward pass, typical and at worst. Zeros are skipped, so that the typical time depends on the data: --data takes it from rows; without, half of the activations of hidden layers count as 0. Nothing is compiled.`,
  operands: { '<artifact>': m`network.json or model.json` },
  groups: {
    'Board:': {
      board: text(m`one board alone, see neurona boards (default: all)`, m`<id>`),
      format: choice(
        m`kind of project (default: each board's usual one)`,
        m`<format>`,
        Object.keys(FORMATS) as Format[],
      ),
      constantTime: toggle('on', m`time that does not depend on the data: never skip a zero`),
    },
    'Typical time:': { data: filePath(m`take it from these rows`, m`<file>`), ...DATA_OPTIONS },
  },
  examples: ['neurona estimate model.json', 'neurona estimate network.json --board uno --data iris.csv'],
  async run([artifactFile], { board: id, format, constantTime = false, data, label, header }, { output }) {
    const [{ readIntegerModel }, { allBoards, findBoard }, { estimateBoard }, { rowActivities }, tables] =
      await Promise.all([
        import('../artifacts.js'),
        import('../../model/board.js'),
        import('../../codegen/board-estimate.js'),
        import('../row-activities.js'),
        import('../estimate-lines.js'),
      ]);
    const model = await readIntegerModel(artifactFile, output.warn);
    const rows =
      data === undefined ? null : await rowActivities(model, data, { label, header, note: output.note });
    const suits = (formats: readonly Format[]): boolean => format === undefined || formats.includes(format);
    const boards = id === undefined ? allBoards().filter(({ formats }) => suits(formats)) : [findBoard(id)];
    if (!boards.every(({ formats }) => suits(formats))) {
      throw new Problem({
        kind: 'usage',
        code: 'format-not-for-board',
        message: t`format "${format}" does not go with board "${id}"; it takes ${boards[0].formats.join(', ')}`,
      });
    }
    const estimates = boards.map((board) => {
      const estimated = estimateBoard(model, board, format ?? board.formats[0], constantTime, rows);
      return { id: board.id, ...estimated };
    });
    const changes =
      id === undefined || estimates[0].fits
        ? []
        : (await import('../../codegen/fit.js')).findChanges({
            model,
            board: boards[0],
            format: estimates[0].format,
            constantTime,
          });
    const typical = constantTime ? null : rows ? t`${rows.length} rows of ${data}` : 'assumption';
    output.result({ typicalFrom: typical, boards: estimates, changes }, (colours) =>
      id === undefined
        ? tables.boardTable(estimates, typical, colours)
        : tables.boardLines(boards[0], estimates[0], typical, changes, colours),
    );
  },
});
