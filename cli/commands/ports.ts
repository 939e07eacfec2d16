import { m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { textTable } from '../text-table.js';

export const ports = defineCommand({
  name: 'ports',
  group: 'About this installation:',
  summary: m`list the serial ports of this computer`,
  description: m`With the boards that each may be, as far as its USB interface tells.`,
  examples: ['neurona ports', 'neurona ports --json'],
  async run(_operands, _options, { output }) {
    const [{ listPorts }, { boardsOfUsb }] = await Promise.all([
      import('../../harness/serial-port.js'),
      import('../../model/board.js'),
    ]);
    const found = (await listPorts()).map((port) => ({
      ...port,
      boards: boardsOfUsb(port.vendorId, port.productId).map(({ id }) => id),
    }));
    output.result({ ports: found }, ({ bold, dim }) =>
      found.length === 0
        ? [t`no serial port was found; is a board plugged in?`]
        : textTable(
            [
              [t`port`, t`board`, t`USB interface`].map(bold),
              ...found.map(({ path, boards, vendorId, productId, manufacturer }) => [
                path,
                boards.join(t` or `) || '–',
                dim(vendorId === null ? '–' : `${vendorId}:${productId} ${manufacturer ?? ''}`.trim()),
              ]),
            ],
            ['left'],
          ),
    );
  },
});
