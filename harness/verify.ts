import { performance } from 'node:perf_hooks';
import { findBoard } from '../model/board.js';
import { predict, type Prediction } from '../model/infer.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { readManifest } from './build.js';
import { openDevice, type Device, type DeviceOptions } from './device.js';
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

/**
 * Sends every row and compares class, all raw outputs and values with what is expected, bit for bit.
 * rows: each (features,) raw integers; labels (rows,). A `Problem` of the link ends it early: see `stoppedBy`.
 */
export async function verifyRows(
  session: Session,
  rows: Iterable<Int32Array>,
  expected: (row: number) => Prediction,
  labels: Uint16Array | null,
  onProgress: (rows: number) => void = () => {},
): Promise<VerifyResult> {
  const started = performance.now();
  const firstMismatches: Mismatch[] = [];
  const cycles: number[] = [];
  const values: number[] = [];
  let row = 0;
  let mismatches = 0;
  let right = 0;
  let linkDoubts = 0;
  let stoppedBy: ProblemDetails | null = null;
  try {
    for (const raw of rows) {
      const want = expected(row);
      let got = await session.run(raw);
      if (!agree(got, want)) {
        got = await session.run(raw);
        if (agree(got, want)) linkDoubts++;
        else {
          mismatches++;
          if (firstMismatches.length < SHOWN_MISMATCHES) {
            const { class: index, outputs, values } = got;
            firstMismatches.push({ row, expected: want, got: { class: index, outputs, values } });
          }
        }
      }
      if (session.hello.clockHz > 0) cycles.push(got.cycles);
      if (labels && got.class === labels[row]) right++;
      values.push(...got.values);
      row++;
      onProgress(row);
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    stoppedBy = error.details;
  }
  return {
    rows: row,
    mismatches,
    firstMismatches,
    accuracy: labels && row > 0 ? right / row : null,
    values: Int32Array.from(values),
    cycles: spread(cycles),
    retries: session.retries,
    linkDoubts,
    seconds: (performance.now() - started) / 1000,
    stoppedBy,
  };
}

export interface VerifyOptions extends DeviceOptions {
  readonly timing?: Partial<Timing>;
  readonly onProgress?: (rows: number) => void;
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
  VerifyResult & { readonly board: string; readonly on: string; readonly stackBytes: number | null }
> {
  const board = findBoard(readManifest(directory).board);
  const features = model.input.features.length;
  const device = await openDevice(directory, on, board, options);
  try {
    const session = await openSession(device.port, {
      modelHash,
      baudRate: board.serial?.baudRate ?? null,
      timing: { boot: device.bootMilliseconds, ...options.timing },
    });
    const expected = (row: number): Prediction =>
      predict(model, raw.subarray(row * features, (row + 1) * features));
    const result = await verifyRows(session, rowsOf(raw, features), expected, labels, options.onProgress);
    return {
      ...result,
      board: board.id,
      on,
      cycles: device.countsCycles ? result.cycles : null,
      stackBytes: device.stackBytes(),
      stoppedBy: result.stoppedBy && (await withLastWords(result.stoppedBy, device)),
    };
  } catch (error) {
    throw error instanceof Problem ? new Problem(await withLastWords(error.details, device)) : error;
  } finally {
    await device.close();
  }
}
