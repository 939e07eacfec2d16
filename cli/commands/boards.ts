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
    const [{ allBoards }, { qemuMachine }] = await Promise.all([
      import('../../model/board.js'),
      import('../../harness/qemu.js'),
    ]);
    const list = allBoards();
    output.result({ boards: list }, ({ bold }) =>
      textTable(
        [
          [t`id`, t`board`, 'MHz', t`flash`, t`RAM`, t`simulated`].map(bold),
          ...list.map((board) => {
            const { id, clockHz, flashBytes, ramBytes, runs } = board;
            const [way = '–'] = [
              ...runs.filter((name) => name !== 'serial'),
              ...(qemuMachine(board) ? ['qemu'] : []),
            ];
            return [
              id,
              boardName(board),
              orDash(clockHz && clockHz / 1e6),
              orDash(flashBytes),
              orDash(ramBytes),
              way,
            ];
          }),
        ],
        ['left', 'left', 'right', 'right', 'right', 'left'],
      ),
    );
  },
});
