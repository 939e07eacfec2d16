import { m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { liveView } from '../live-view.js';
import type { LivePrediction } from '../monitoring.js';
import { integer, real } from '../option-spec.js';
import type { Colours } from '../output.js';
import { openListeningPort, PORT_OPTIONS } from '../port-options.js';
import { textTable } from '../text-table.js';

const BAR_WIDTH = 24;

const rate = (hertz: number | null): string => (hertz === null ? '' : t`${hertz.toFixed(1)} a second`);

/** The class or the numbers, the rate, and a bar for every score. */
function view(
  { class: name, scores, names, hertz }: LivePrediction,
  { bold, dim, green }: Colours,
): string[] {
  const title = `${bold(name ?? scores.join('  '))}  ${dim(rate(hertz))}`;
  if (name === null && names === null) return [title];
  const low = Math.min(...scores);
  const span = Math.max(...scores) - low || 1;
  const best = scores.indexOf(Math.max(...scores));
  const rows = scores.map((score, k) => {
    const bar = '█'.repeat(Math.round(((score - low) / span) * BAR_WIDTH));
    return [names?.[k] ?? t`output ${k}`, String(score), k === best ? green(bar) : bar];
  });
  return [title, ...textTable(rows, ['left', 'right', 'left'])];
}

const plain = ({ class: name, scores, names }: LivePrediction): string =>
  [
    ...(name === null ? [] : [name]),
    ...scores.map((score, k) => (names ? `${names[k]}:${score}` : score)),
  ].join('\t');

export const monitor = defineCommand({
  name: 'monitor',
  group: 'From data to board:',
  summary: m`watch the predictions of a flashed board`,
  description: m`Shows class, scores and rate as the board prints them: a line with the class, and perhaps a number for every output, between tabs. With --json one object a line. Ends with --rows, --seconds or Ctrl-C.`,
  groups: {
    'Port:': PORT_OPTIONS,
    'End:': {
      rows: integer(m`predictions after which it is enough`, { from: 1, to: 1_000_000_000 }),
      seconds: real(m`time after which it is enough`, { from: 0.001, to: 1e9 }),
    },
  },
  required: ['port'],
  examples: ['neurona monitor --port /dev/ttyACM0', 'neurona monitor --port COM3 --rows 100 --json'],
  async run(_operands, { port: path = '', baud, board, rows, seconds }, { output }) {
    const { monitorPort } = await import('../monitoring.js');
    const port = await openListeningPort(path, baud, board);
    const { stdout } = process;
    const live = stdout.isTTY && !output.json ? liveView(stdout) : null;
    await monitorPort(port, {
      rows,
      seconds,
      onPrediction(prediction) {
        if (live) live.draw(view(prediction, output.colours));
        else stdout.write(`${output.json ? JSON.stringify(prediction) : plain(prediction)}\n`);
      },
    });
  },
});
