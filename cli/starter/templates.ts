import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FETCH_MNIST } from '../../dataset/mnist.js';
import { m, type Message } from '../../model/messages.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { sensorReadings, thermistorReadings } from './readings.js';

/** The starter projects of `neurona init`. */

export interface Template {
  /** What the project is about, for its README. */
  readonly about: Message;
  /** The file of rows, as it is named after the commands. */
  readonly data: string;
  /** What it holds; null where the user has to fetch it. */
  readonly rows: (() => string) | null;
  /** How to fetch it: a line for a shell. */
  readonly fetch?: string;
  /** The rows to verify with, where they have a file of their own. */
  readonly verify?: string;
  /** One more command to try after training, and what it does. */
  readonly also?: readonly [command: string, does: Message];
  /** Sections of neurona.config.json. */
  readonly train: Readonly<Record<string, unknown>>;
  readonly board: string;
}

export const TEMPLATES = {
  iris: {
    about: m`Three kinds of iris, told apart by four lengths (Fisher, 1936). \`iris.csv\` has a header, 150 rows, and the class in its last column, \`species\`.`,
    data: 'iris.csv',
    rows: () => readFileSync(path.join(PACKAGE_ROOT, 'examples', 'iris', 'iris.csv'), 'utf8'),
    train: { hidden: [8] },
    board: 'uno',
  },
  xor: {
    about: m`The exclusive or of two inputs: no straight line separates its classes, so it needs a hidden layer. All four rows are for training.`,
    data: 'xor.csv',
    rows: () => 'x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n',
    also: ['explain network.json xor.csv --row 2', m`one row, forwards and backwards`],
    train: { hidden: [4], activation: 'tanh', testSplit: 0 },
    board: 'uno',
  },
  mnist: {
    about: m`Handwritten digits (LeCun and others, 1998), 60,000 to learn from and 10,000 to test on, made smaller to 14 × 14 pixels so that the network fits small boards.`,
    data: 'train-images-idx3-ubyte.gz',
    rows: null,
    fetch: FETCH_MNIST,
    verify: 't10k-images-idx3-ubyte.gz',
    train: { hidden: [32], resize: '14x14', test: 't10k-images-idx3-ubyte.gz', name: 'mnist' },
    board: 'uno',
  },
  sensor: {
    about: m`What a room is used for, from its temperature, humidity and light. \`readings.csv\` has made-up readings, one per minute: replace them with your own. Its column \`time\` is left out of the learning.`,
    data: 'readings.csv',
    rows: sensorReadings,
    train: { label: 'state', ignore: ['time'], hidden: [8] },
    board: 'uno',
  },
  regression: {
    about: m`The temperature in degrees Celsius from the voltages of a thermistor (10 kΩ, β 3950) and of its supply, both as an Arduino's analog inputs read them, 0 to 1023. \`thermistor.csv\` is computed, with the noise of real readings.`,
    data: 'thermistor.csv',
    rows: thermistorReadings,
    train: { task: 'regression', label: 'celsius', hidden: [16] },
    board: 'uno',
  },
} as const satisfies Record<string, Template>;

export type TemplateName = keyof typeof TEMPLATES;
export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];
