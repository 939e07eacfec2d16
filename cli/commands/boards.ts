import { m, t } from '../../model/messages.js';
import { boardName } from '../board-name.js';
import { defineCommand } from '../command-spec.js';
import { grouped, textTable } from '../text-table.js';

const orDash = (value: number | null): string => (value === null ? '–' : grouped(value));

export const boards = defineCommand({
  name: 'boards',
  group: 'About this installation:',
  summary: m`list the boards that are known`,
  examples: ['neurona boards', 'neurona boards --json'],
  async run(_operands, _options, { output }) {
    const { allBoards } = await import('../../model/board.js');
    const list = allBoards();
    output.result({ boards: list }, ({ bold }) =>
      textTable(
        [
          [t`id`, t`board`, 'MHz', t`flash`, t`RAM`, t`simulated`].map(bold),
          ...list.map(({ id, name, clockHz, flashBytes, ramBytes, runs }) => [
            id,
            boardName({ id, name }),
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
