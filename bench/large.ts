import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { createRandom } from '../model/random.js';
import { markdownTable, short, whenAndWhere } from './tables.js';

/**
 * `npm run bench:large [-- ROWS...]`: how long `neurona train` takes to load large CSV files and to learn from them for
 * one epoch, and the most memory it has at once. By default of a million rows, plain and gzipped, and of ten millions.
 */

const FEATURES = 16;
const CLASSES = 4;
const CHUNK_ROWS = 10_000;
const POLL_MILLISECONDS = 20;
const DEFAULT_ROWS = [1_000_000, 10_000_000];
/** Gzipped files are tried up to so many rows: what differs is the reader alone. */
const MOST_GZIPPED = 1_000_000;

/** Gaussian clusters, one per class, as the text of a CSV file. */
function* rowsAsText(rows: number): Generator<string> {
  const random = createRandom(1);
  const centre = Float64Array.from({ length: CLASSES * FEATURES }, () => 2 * random.normal());
  yield `${Array.from({ length: FEATURES }, (_, i) => `x${i + 1}`).join(',')},class\n`;
  for (let done = 0; done < rows; done += CHUNK_ROWS) {
    const lines = Array.from({ length: Math.min(CHUNK_ROWS, rows - done) }, () => {
      const label = random.below(CLASSES);
      const cells = Array.from({ length: FEATURES }, (_, i) =>
        (centre[label * FEATURES + i] + random.normal()).toFixed(4),
      );
      return `${cells.join(',')},c${label}\n`;
    });
    yield lines.join('');
  }
}

async function writeRows(file: string, rows: number): Promise<void> {
  const text = Readable.from(rowsAsText(rows));
  if (file.endsWith('.gz')) await pipeline(text, createGzip({ level: 1 }), createWriteStream(file));
  else await pipeline(text, createWriteStream(file));
}

/** Seconds from the start of the process to its end, and the kernel's mark of its most resident memory, in MiB. */
async function trainOnce(file: string, network: string): Promise<{ seconds: number; mebibytes: number }> {
  const words = ['dist/cli/main.js', 'train', file, '-o', network, '--hidden', '32,16', '--epochs', '1'];
  const start = performance.now();
  const child = spawn(process.execPath, [...words, '--batch', '256'], {
    cwd: PACKAGE_ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let kibibytes = 0;
  const poll = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      kibibytes = Number(/VmHWM:\s*(\d+)/.exec(status)?.[1] ?? kibibytes);
    } catch {
      // The process has just ended.
    }
  }, POLL_MILLISECONDS);
  const code = await new Promise((done) => child.once('close', done));
  clearInterval(poll);
  if (code !== 0) throw new Error(`neurona train ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, mebibytes: kibibytes / 1024 };
}

const given = process.argv.slice(2).map(Number);
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-large-'));
try {
  const table: string[][] = [];
  for (const rows of given.length > 0 ? given : DEFAULT_ROWS) {
    for (const name of rows <= MOST_GZIPPED ? ['rows.csv', 'rows.csv.gz'] : ['rows.csv']) {
      const file = path.join(folder, name);
      await writeRows(file, rows);
      const megabytes = statSync(file).size / 1e6;
      const { seconds, mebibytes } = await trainOnce(file, path.join(folder, 'network.json'));
      rmSync(file);
      const cells = [name, rows.toLocaleString('en'), `${short(megabytes)} MB`, `${seconds.toFixed(1)} s`];
      table.push([...cells, `${short(mebibytes)} MiB`]);
      process.stderr.write(`${name}, ${rows} rows: done\n`);
    }
  }
  console.log(`\`npm run bench:large\` on ${whenAndWhere()}:\n`);
  console.log(
    markdownTable(['file', `rows × ${FEATURES}`, 'size', 'load, one epoch, evaluate', 'memory'], table),
  );
} finally {
  rmSync(folder, { recursive: true });
}
