import { defineCommand } from '../command-spec.js';
import { grouped, textTable } from '../text-table.js';

const orDash = (value: number | null): string => (value === null ? '–' : grouped(value));

export const boards = defineCommand({
  name: 'boards',
  group: 'About this installation:',
  summary: 'list the boards that are known',
  examples: ['neurona boards', 'neurona boards --json'],
  async run(_operands, _options, { output }) {
    const { allBoards } = await import('../../model/board.js');
    const list = allBoards();
    output.result({ boards: list }, ({ bold }) =>
      textTable(
        [
          ['id', 'board', 'MHz', 'flash', 'RAM', 'simulated'].map(bold),
          ...list.map(({ id, name, clockHz, flashBytes, ramBytes, runs }) => [
            id,
            name,
            orDash(clockHz && clockHz / 1e6),
            orDash(flashBytes),
            orDash(ramBytes),
            runs.find((way) => way !== 'serial') ?? '–',
          ]),
        ],
        ['left', 'left', 'right', 'right', 'right', 'left'],
      ),
    );
  },
});
