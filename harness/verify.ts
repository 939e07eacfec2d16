import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { findBoard } from '../model/board.js';
import { predict, type Prediction } from '../model/infer.js';
import { inEnglish, m } from '../model/messages.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import { MICROSECONDS } from '../model/protocol.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { readManifest } from './build.js';
import { openDevice, type Device, type DeviceOptions } from './device.js';
import { createSession, resumeSession, type RowRecord, type SessionFolder } from './session-folder.js';
import { openSession, type Session, type Timing } from './session.js';

export interface Mismatch {
  readonly row: number;
  readonly expected: Prediction;
  readonly got: Prediction;
}

export interface VerifyResult {
  /** Rows that were answered. */
  readonly rows: number;
  readonly mismatches: number;
  readonly firstMismatches: readonly Mismatch[];
  /** Share of the rows whose class is their label; null without labels or rows, and in a regression. */
  readonly accuracy: number | null;
  /** What a regression's board answered, in units of 10^-decimals: (rows, targets); empty in a classification. */
  readonly values: Int32Array;
  /** Of the forward pass; null where the device does not count. */
  readonly cycles: { readonly min: number; readonly median: number; readonly max: number } | null;
  readonly retries: number;
  /** Rows that differed at first and agreed when sent again: damage that the CRC did not notice. */
  readonly linkDoubts: number;
  readonly seconds: number;
  /** Why the remaining rows were not sent; null where all were. A caller must look: the rest is unproven. */
  readonly stoppedBy: ProblemDetails | null;
}

const SHOWN_MISMATCHES = 10;

const areEqual = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((value, k) => value === b[k]);

const agree = (a: Prediction, b: Prediction): boolean =>
  a.class === b.class && areEqual(a.outputs, b.outputs) && areEqual(a.values, b.values);

function spread(values: number[]): VerifyResult['cycles'] {
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  return { min: values[0], median: values[values.length >> 1], max: values[values.length - 1] };
}

const inMicroseconds = (cycles: VerifyResult['cycles'], clockHz: number): VerifyResult['cycles'] =>
  cycles && {
    min: (cycles.min * MICROSECONDS) / clockHz,
    median: (cycles.median * MICROSECONDS) / clockHz,
    max: (cycles.max * MICROSECONDS) / clockHz,
  };

/** Adds up rows as they are answered. */
function createTally(labels: Uint16Array | null, countsCycles: boolean) {
  const firstMismatches: Mismatch[] = [];
  const cycles: number[] = [];
  const values: number[] = [];
  const counts = { rows: 0, mismatches: 0, right: 0, linkDoubts: 0, retries: 0 };
  return {
    counts,
    add(record: RowRecord): void {
      if (record.outcome === 'doubt') counts.linkDoubts++;
      if (record.outcome === 'different') counts.mismatches++;
      cycles.push(record.cycles);
      if (labels && record.class === labels[counts.rows]) counts.right++;
      for (const value of record.values) values.push(value);
      counts.retries += record.retries;
      counts.rows++;
    },
    /** So many forward passes were timed. */
    get timed(): number {
      return cycles.length;
    },
    /** A forward pass more, or row `row` timed again. */
    time(passed: number, row = cycles.length): void {
      cycles[row] = passed;
    },
    differ(mismatch: Mismatch): void {
      if (firstMismatches.length < SHOWN_MISMATCHES) firstMismatches.push(mismatch);
    },
    result(): Omit<VerifyResult, 'seconds' | 'stoppedBy'> {
      const { right, ...rest } = counts;
      return {
        ...rest,
        firstMismatches,
        accuracy: labels && rest.rows > 0 ? right / rest.rows : null,
        values: Int32Array.from(values),
        cycles: countsCycles ? spread(cycles) : null,
      };
    },
  };
}

/** Fewer say little of how long a forward pass takes. */
const LEAST_TIMED = 10;

/**
 * Times the first of these rows once more, which found caches cold, and then as many as it takes to have timed
 * `LEAST_TIMED`. rows are the first that this session has sent, from row `from` on. A link that fails now ends it.
 */
async function timeAgain(
  session: Session,
  rows: readonly Int32Array[],
  from: number,
  tally: ReturnType<typeof createTally>,
): Promise<void> {
  try {
    tally.time((await session.run(rows[0])).cycles, from);
    for (let k = 0; tally.timed < LEAST_TIMED; k++)
      tally.time((await session.run(rows[k % rows.length])).cycles);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/**
 * Sends every row and compares class, all raw outputs and values with what is expected, bit for bit.
 * row k: (features,) raw integers; labels (rows,). A `Problem` of the link ends it early: see `stoppedBy`. Rows that
 * `folder` has the answers of are not sent; it gets those of the others.
 */
export async function verifyRows(
  session: Session,
  rows: Iterable<Int32Array>,
  expected: (row: number) => Prediction,
  labels: Uint16Array | null,
  onProgress: (rows: number) => void = () => {},
  folder: SessionFolder | null = null,
): Promise<VerifyResult> {
  const started = performance.now();
  const countsCycles = session.hello.clockHz > 0;
  const tally = createTally(labels, countsCycles);
  folder?.earlier.forEach((record) => tally.add(record));
  folder?.earlierDifferences.forEach((mismatch) => tally.differ(mismatch));
  const answered = tally.counts.rows;
  let stoppedBy: ProblemDetails | null = null;
  const first: Int32Array[] = [];
  let row = 0;
  try {
    const source = rows[Symbol.iterator]();
    const take = (): Int32Array | undefined => {
      const { done, value } = source.next();
      return done ? undefined : value;
    };
    for (let raw = take(), next = take(); raw; raw = next, next = take()) {
      if (row++ < answered) continue;
      const at = row - 1;
      const before = session.retries;
      const want = expected(at);
      let got = await session.run(raw, next);
      let outcome: RowRecord['outcome'] = 'equal';
      if (!agree(got, want)) {
        got = await session.run(raw);
        outcome = agree(got, want) ? 'doubt' : 'different';
      }
      if (first.length < LEAST_TIMED) first.push(raw);
      const { class: index, outputs, values, cycles } = got;
      if (outcome === 'different') {
        const mismatch = { row: at, expected: want, got: { class: index, outputs, values } };
        tally.differ(mismatch);
        folder?.different(mismatch);
      }
      const record = {
        class: index,
        cycles,
        outcome,
        retries: session.retries - before,
        values: [...values],
      };
      folder?.row(record);
      tally.add(record);
      onProgress(row);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    stoppedBy = error.details;
  }
  if (countsCycles && first.length > 0 && stoppedBy === null)
    await timeAgain(session, first, answered, tally);
  return { ...tally.result(), seconds: (performance.now() - started) / 1000, stoppedBy };
}

export interface VerifyOptions extends DeviceOptions {
  readonly timing?: Partial<Timing>;
  readonly onProgress?: (rows: number) => void;
  /** Where sessions are kept, each in a folder of its own; null for nowhere. */
  readonly sessions?: string | null;
  /** The folder of an interrupted session that should go on. */
  readonly resume?: string;
  /** Called with the session's folder, once there is one. */
  readonly onSession?: (folder: string) => void;
}

/** A device that is gone, with what it had to say about that. */
async function withLastWords(details: ProblemDetails, device: Device): Promise<ProblemDetails> {
  const words = details.code === 'disconnected' ? await device.lastWords() : null;
  return words === null ? details : { ...details, message: `${details.message}: ${words}` };
}

function* rowsOf(raw: Int32Array, features: number): Generator<Int32Array> {
  for (let at = 0; at < raw.length; at += features) yield raw.subarray(at, at + features);
}

/**
 * Runs a generated folder on the simulator, in QEMU, on this computer (all are built first) or on the board behind a
 * port, and proves that it computes what `model` says. raw (rows, features); labels (rows,); `modelHash` is the
 * model's SHA-256 as hex. Everything it opens is closed again. Throws a `Problem` where the device cannot be
 * built, opened or trusted; a link that fails later gives a partial result with `stoppedBy`.
 */
export async function verifyFirmware(
  directory: string,
  on: string,
  model: QuantizedModel,
  modelHash: string,
  raw: Int32Array,
  labels: Uint16Array | null,
  options: VerifyOptions = {},
): Promise<
  VerifyResult & {
    readonly board: string;
    readonly on: string;
    readonly stackBytes: number | null;
    /** Of the forward pass, by the board's own clock; null where it has none. */
    readonly microseconds: VerifyResult['cycles'];
    /** Why there are no `cycles`; null where there are, or no row was answered. */
    readonly noCycles: string | null;
  }
> {
  const board = findBoard(readManifest(directory).board);
  const features = model.input.features.length;
  const dataHash = createHash('sha256').update(raw).digest('hex');
  const identity = { modelHash, dataHash, board: board.id, on };
  const { sessions = null, resume } = options;
  let folder = resume === undefined ? null : resumeSession(resume, identity);
  const device = await openDevice(directory, on, board, options);
  try {
    if (sessions !== null) folder ??= createSession(sessions, identity);
    if (folder) options.onSession?.(folder.directory);
    const session = await openSession(device.port, {
      log: folder?.bytes,
      modelHash,
      baudRate: board.serial?.baudRate ?? null,
      timing: { boot: device.bootMilliseconds, ...options.timing },
    });
    const expected = (row: number): Prediction =>
      predict(model, raw.subarray(row * features, (row + 1) * features));
    const { onProgress } = options;
    const found = await verifyRows(session, rowsOf(raw, features), expected, labels, onProgress, folder);
    // Of a board that is still there; one on the simulator shows it from outside.
    const stackBytes =
      device.stackBytes() ?? (found.stoppedBy ? null : await session.stackBytes().catch(() => null));
    const { clockHz } = session.hello;
    const whyNone = !found.cycles
      ? inEnglish(m`the firmware on this board counts none`)
      : clockHz === MICROSECONDS
        ? inEnglish(m`the firmware on this board counts microseconds`)
        : null;
    const noCycles = device.noCycles ?? whyNone;
    const result = {
      ...found,
      board: board.id,
      on,
      cycles: noCycles === null ? found.cycles : null,
      microseconds: device.noCycles === null ? inMicroseconds(found.cycles, clockHz) : null,
      noCycles: found.rows > 0 ? noCycles : null,
      stackBytes,
      stoppedBy: found.stoppedBy && (await withLastWords(found.stoppedBy, device)),
    };
    if (found.stoppedBy?.code !== 'cannot-write') folder?.finish(result);
    return result;
  } catch (error) {
    throw error instanceof Problem ? new Problem(await withLastWords(error.details, device)) : error;
  } finally {
    await device.close();
    folder?.close();
  }
}
