import { Problem } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { INTERRUPTED } from '../interruption.js';
import { filePath, integer, real, text } from '../option-spec.js';
import { openListeningPort, PORT_OPTIONS } from '../port-options.js';
import { counted, textTable } from '../text-table.js';

const PATIENCE_MILLISECONDS = 15_000;

const rate = (hertz: number | null): string =>
  hertz === null ? 'unknown' : `${hertz.toFixed(1)} readings a second`;

export const capture = defineCommand({
  name: 'capture',
  group: 'From data to board:',
  summary: 'record labelled rows that a sketch prints',
  description:
    'Appends every reading to the file, with the label as its last column, until there are enough or Ctrl-C. A reading is a line of numbers, as for Arduino\'s serial plotter: "1.5,2", "1.5 2" or "x:1.5 y:2"; names may also come once, in a line of their own. The file trains as it is.',
  groups: {
    'Port:': PORT_OPTIONS,
    'Recording:': {
      label: text('what the readings are, such as walking', '<name>'),
      out: filePath('file to append to', '<file>', 'o'),
      rows: integer('readings after which it is enough', { from: 1, to: 1_000_000_000 }),
      seconds: real('time after which it is enough', { from: 0.001, to: 1e9 }),
    },
  },
  required: ['port', 'label', 'out'],
  examples: [
    'neurona capture --port /dev/ttyACM0 --label resting -o moves.csv --rows 500',
    'neurona capture --port COM3 --label walking -o moves.csv --seconds 30',
  ],
  async run(_operands, { port: path = '', baud, board, label = '', out = '', rows, seconds }, context) {
    const { output } = context;
    const [harness, { closePort }] = await Promise.all([
      import('../../harness/capture.js'),
      import('../../harness/port.js'),
    ]);
    const port = await openListeningPort(path, baud, board);
    let recorded = 0;
    context.beforeExit(async () => {
      await closePort(port);
      return { ...INTERRUPTED, message: `interrupted; ${counted(recorded, 'row')} were recorded`, file: out };
    });
    try {
      const result = await harness.capture(port, {
        file: out,
        label,
        rows: rows ?? null,
        milliseconds: seconds === undefined ? null : seconds * 1000,
        patience: PATIENCE_MILLISECONDS,
        onRows: (state) => {
          recorded = state.rows;
          output.progress(`${counted(state.rows, 'row')}, ${rate(state.hertz)}, ${state.dropped} dropped`);
        },
      });
      const facts = [
        ['rate', rate(result.hertz)],
        ['dropped', String(result.dropped)],
        ['columns', [...result.columns, 'label'].join(', ')],
      ];
      output.result(
        { file: out, label, ...result },
        ({ bold }) => [
          `${bold(out)}: ${counted(result.rows, 'row')} of ${label}`,
          '',
          ...textTable(facts, ['left']),
        ],
        `${out}: ${counted(result.rows, 'row')} of ${label}`,
      );
      if (result.dropped > result.rows) {
        throw new Problem({
          kind: 'toolchain',
          code: 'many-dropped',
          message: `${counted(result.dropped, 'reading')} did not arrive whole`,
          file: out,
          hint: 'print fewer readings a second, or at a higher baud rate',
        });
      }
    } finally {
      context.beforeExit(null);
      await closePort(port);
    }
  },
});
