import { existsSync } from 'node:fs';
import path from 'node:path';
import { captureSketch, SENSOR_NAMES, SENSORS, type SensorName } from '../../codegen/capture-sketch.js';
import { inEnglish, m, say, t } from '../../model/messages.js';
import { Problem } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { interrupted } from '../interruption.js';
import { nextProgram } from '../invocation.js';
import { choice, filePath, integer, real, text } from '../option-spec.js';
import { makeFolder, writeFile } from '../write-file.js';
import { openListeningPort, PORT_OPTIONS } from '../port-options.js';
import { counted, textTable } from '../text-table.js';

const PATIENCE_MILLISECONDS = 15_000;

const rate = (hertz: number | null): string =>
  hertz === null ? t`unknown` : t`${hertz.toFixed(1)} readings a second`;

/** Writes the sketch of a sensor into a folder of its name, as the Arduino IDE wants it. */
function writeSketch(sensor: SensorName, folder: string): string {
  const name = path.basename(path.resolve(folder));
  const file = path.join(folder, `${name}.ino`);
  const refuse = (code: string, message: string, hint: string): never => {
    throw new Problem({ kind: 'data', code, message, file, hint });
  };
  if (!/^[A-Za-z0-9_][\w.-]{0,62}$/.test(name))
    refuse('bad-name', t`the Arduino IDE takes no such name`, t`use letters, digits, "_", "-" and "."`);
  if (existsSync(file)) refuse('file-exists', t`this sketch is there already`, t`choose another folder`);
  makeFolder(folder);
  writeFile(file, captureSketch(sensor));
  return file;
}

export const capture = defineCommand({
  name: 'capture',
  group: 'From data to board:',
  summary: m`record labelled rows that a sketch prints`,
  description: m`Appends every reading to the file, with the label as its last column, until there are enough or Ctrl-C. A reading is a line of numbers, as for Arduino's serial plotter: "1.5,2", "1.5 2" or "x:1.5 y:2"; names may also come once, in a line of their own. The file trains as it is. --sketch writes a sketch that prints the readings of a common sensor, for any board with an Arduino core.`,
  groups: {
    'Port:': PORT_OPTIONS,
    'Sketch:': {
      sketch: choice(m`write a sketch for this sensor instead`, m`<sensor>`, SENSOR_NAMES),
    },
    'Recording:': {
      label: text(m`what the readings are, such as walking`, m`<name>`),
      out: filePath(m`file to append to, or folder of the sketch`, m`<path>`, 'o'),
      rows: integer(m`readings after which it is enough`, { from: 1, to: 1_000_000_000 }),
      seconds: real(m`time after which it is enough`, { from: 0.001, to: 1e9 }),
    },
  },
  required: ['out'],
  conflicts: [
    ['sketch', 'port'],
    ['sketch', 'label'],
  ],
  examples: [
    'neurona capture --port /dev/ttyACM0 --label resting -o moves.csv --rows 500',
    'neurona capture --sketch mpu6050 -o moves',
    'neurona capture --port COM3 --label walking -o moves.csv --seconds 30',
  ],
  async run(_operands, { port: portPath, baud, board, label, out = '', sketch, rows, seconds }, context) {
    const { output } = context;
    if (sketch !== undefined) {
      const file = writeSketch(sketch, out);
      const { names, rate: hertz, wiring } = SENSORS[sketch];
      output.result(
        { sketch: file, sensor: sketch, columns: names, hertz, wiring: inEnglish(wiring) },
        ({ bold }) => [
          t`${bold(file)}: prints ${names.join(', ')}, ${hertz} times a second`,
          say(wiring),
          t`upload it, with the Arduino IDE or arduino-cli, then record: ${nextProgram()} capture --port PORT --label NAME -o FILE`,
        ],
      );
      return;
    }
    if (portPath === undefined || label === undefined) {
      throw new Problem({
        kind: 'usage',
        code: 'missing-option',
        message: t`${portPath === undefined ? '--port' : '--label'} is missing`,
        hint: t`${nextProgram()} capture --port PORT --label NAME -o FILE records; --sketch SENSOR -o FOLDER writes a sketch`,
      });
    }
    const [harness, { closePort }] = await Promise.all([
      import('../../harness/capture.js'),
      import('../../harness/port.js'),
    ]);
    const port = await openListeningPort(portPath, baud, board);
    let recorded = 0;
    context.beforeExit(async () => {
      await closePort(port);
      return {
        ...interrupted(),
        message: t`interrupted; ${counted(recorded, 'row')} were recorded`,
        file: out,
      };
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
          output.progress(t`${counted(state.rows, 'row')}, ${rate(state.hertz)}, ${state.dropped} dropped`);
        },
      });
      const facts = [
        [t`rate`, rate(result.hertz)],
        [t`dropped`, String(result.dropped)],
        [t`columns`, [...result.columns, 'label'].join(', ')],
      ];
      output.result(
        { file: out, label, ...result },
        ({ bold }) => [
          t`${bold(out)}: ${counted(result.rows, 'row')} of ${label}`,
          '',
          ...textTable(facts, ['left']),
        ],
        t`${out}: ${counted(result.rows, 'row')} of ${label}`,
      );
      if (result.dropped > result.rows) {
        throw new Problem({
          kind: 'toolchain',
          code: 'many-dropped',
          message: t`${counted(result.dropped, 'reading')} did not arrive whole`,
          file: out,
          hint: t`print fewer readings a second, or at a higher baud rate`,
        });
      }
    } finally {
      context.beforeExit(null);
      await closePort(port);
    }
  },
});
