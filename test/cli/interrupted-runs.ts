import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRandom } from '../../model/random.js';
import { MAIN, type Run } from './run-cli.js';

/** Trainings that are told to end while they run. */

/** Rows of 7 noisy features, a whole number below 3 and one of 3 classes. */
export function noisyCsv(rows: number): string {
  const random = createRandom(8);
  const lines = Array.from({ length: rows }, (_, r) => {
    const values = Array.from({ length: 7 }, (_, i) => (random.normal() + ((r * i) % 3)).toFixed(2));
    return `${values.join(',')},${r % 2},${r % 3}`;
  });
  return `a,b,c,d,e,f,g,h,kind\n${lines.join('\n')}\n`;
}

export interface Started {
  readonly child: ChildProcess;
  /** Resolves when this has come out of standard error; rejects where the program ends without it. */
  readonly hasSaid: (text: string | RegExp) => Promise<void>;
  readonly ended: Promise<Run>;
}

/** Starts the program with --verbose, which says every epoch. `preload`: a module's source, for every thread of it. */
export function startCli(words: readonly string[], folder: string, preload = ''): Started {
  const source = `data:text/javascript,${encodeURIComponent(preload)}`;
  const child = spawn(process.execPath, ['--import', source, MAIN, ...words, '--verbose'], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const hasSaid = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => stderr.search(text) >= 0 && resolve();
      look();
      child.stderr.on('data', look);
      void ended.then(() => reject(new Error(`it ended without saying ${text}:\n${stderr.slice(-500)}`)));
    });
  return { child, hasSaid, ended };
}

/** By then the program has heard of the state after the first of both. */
export const TWO_EPOCHS = /epoch \d+ of[^]*\n.*epoch \d+ of/;

/** Starts the program and sends it a signal once it has said something. */
export async function interrupt(
  words: readonly string[],
  folder: string,
  { signal = 'SIGINT', after = TWO_EPOCHS, preload = '' }: Partial<Interruption> = {},
): Promise<Run> {
  const { child, hasSaid, ended } = startCli(words, folder, preload);
  await hasSaid(after);
  child.kill(signal);
  return ended;
}

interface Interruption {
  readonly signal: NodeJS.Signals;
  readonly after: string | RegExp;
  readonly preload: string;
}

/** Performance counters that run so fast that the minute between two checkpoints takes a moment. */
export const FAST_CLOCK =
  'const now = performance.now.bind(performance); performance.now = () => 30_000 * now();';
