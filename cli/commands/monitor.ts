import type { PredictionLine } from '../../harness/prediction-line.js';
import { m, t } from '../../model/messages.js';
import { Problem } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { liveView } from '../live-view.js';
import { integer, real } from '../option-spec.js';
import type { Colours } from '../output.js';
import { openListeningPort, PORT_OPTIONS } from '../port-options.js';
import { textTable } from '../text-table.js';

const PATIENCE_MILLISECONDS = 15_000;
/** Predictions over which the rate is measured. */
const RATE_WINDOW = 32;
const BAR_WIDTH = 24;

interface Live extends PredictionLine {
  /** Since the port was opened. */
  readonly seconds: number;
  /** Predictions a second, lately; null where there were too few. */
  readonly hertz: number | null;
}

const rate = (hertz: number | null): string => (hertz === null ? '' : t`${hertz.toFixed(1)} a second`);

/** The class or the numbers, the rate, and a bar for every score. */
function view({ class: name, scores, names, hertz }: Live, { bold, dim, green }: Colours): string[] {
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

const plain = ({ class: name, scores, names }: Live): string =>
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
  async run(_operands, { port: path = '', baud, board, rows = Infinity, seconds = Infinity }, { output }) {
    const [{ parsePrediction }, { readLines }, { closePort }, { diagnose }, { frameDecoder }] =
      await Promise.all([
        import('../../harness/prediction-line.js'),
        import('../../harness/text-lines.js'),
        import('../../harness/port.js'),
        import('../../harness/diagnosis.js'),
        import('../../model/protocol.js'),
      ]);
    const port = await openListeningPort(path, baud, board);
    const started = performance.now();
    const { stdout } = process;
    const live = stdout.isTTY && !output.json ? liveView(stdout) : null;
    const decoder = frameDecoder();
    let sample = Buffer.alloc(0);
    let times: number[] = [];
    let shown = 0;

    const show = (text: string, at: number): void => {
      const found = parsePrediction(text);
      if (!found || shown >= rows) return;
      times = [...times, at].slice(-RATE_WINDOW);
      const elapsed = (at - times[0]) / 1000;
      const state = {
        ...found,
        seconds: (at - started) / 1000,
        hertz: elapsed > 0 ? (times.length - 1) / elapsed : null,
      };
      shown++;
      if (live) live.draw(view(state, output.colours));
      else stdout.write(`${output.json ? JSON.stringify(state) : plain(state)}\n`);
    };
    const trouble = (code: string, message: string, hint: string): Problem =>
      new Problem({ kind: 'toolchain', code, message: `${path}: ${message}`, hint });

    try {
      await new Promise<void>((resolve, reject) => {
        const expire = (): void => {
          const what =
            sample.length === 0
              ? t`no byte came from the board`
              : t`no line of text came at ${port.baudRate} baud`;
          const finding = diagnose(sample);
          reject(
            trouble(
              sample.length === 0 ? 'silent-board' : 'only-noise',
              finding ? t`the board ${finding.does}` : what,
              t`does its sketch print its predictions, and is --baud the rate of Serial.begin?`,
            ),
          );
        };
        let timer = setTimeout(expire, PATIENCE_MILLISECONDS);
        if (seconds < Infinity) setTimeout(resolve, seconds * 1000).unref();
        const lose = (reason: Error | null | undefined): void =>
          reject(
            trouble(
              'disconnected',
              reason ? t`the device is gone: ${reason.message}` : t`the device is gone`,
              t`check the cable and start again`,
            ),
          );
        port.once('close', lose);
        port.on('error', lose);
        port.on('data', (bytes: Buffer) => {
          sample = Buffer.concat([sample, bytes]).subarray(-1024);
          if (decoder.push(bytes).length > 0) {
            reject(
              trouble(
                'verification-firmware',
                t`the board runs the verification sketch, which waits for rows`,
                t`upload a sketch that predicts, such as the example predict of the Arduino library`,
              ),
            );
          }
        });
        readLines(port, (lines) => {
          for (const { text, isFirst, at } of lines) if (!isFirst) show(text, at);
          if (shown === 0) return;
          clearTimeout(timer);
          timer = setTimeout(expire, PATIENCE_MILLISECONDS);
          if (shown >= rows) resolve();
        });
        port.once('close', () => clearTimeout(timer));
      });
    } finally {
      await closePort(port);
    }
  },
});
