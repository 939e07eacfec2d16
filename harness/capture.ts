import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { openCaptureFile, type CaptureFile } from './capture-file.js';
import { diagnose } from './diagnosis.js';
import { parseHeader, parseReading } from './plotter-line.js';
import { lossText, type Port } from './port.js';
import { readLines, type TextLine } from './text-lines.js';

export interface CaptureOptions {
  readonly file: string;
  readonly label: string;
  /** Rows after which it is enough; null for no end. */
  readonly rows: number | null;
  /** Milliseconds from the first row after which it is enough; null for no end. */
  readonly milliseconds: number | null;
  /** Milliseconds in which a reading must come. */
  readonly patience: number;
  readonly onRows: (state: CaptureResult) => void;
}

export interface CaptureResult {
  readonly rows: number;
  /** Readings a second that the sketch printed; null where there were too few to tell. */
  readonly hertz: number | null;
  /** Readings that were printed and did not arrive whole. */
  readonly dropped: number;
  readonly columns: readonly string[];
}

const SAMPLE_BYTES = 1024;

const trouble = (code: string, message: string, hint: string): Problem =>
  new Problem({ kind: 'toolchain', code, message, hint });

/** Counts what is missing: by the sketch's own count where it prints one, else by the lines that are no reading. */
function lossCounter() {
  let spoilt = 0;
  let gaps = 0;
  let last: number | null = null;
  return {
    spoil: () => spoilt++,
    see(count: number | null) {
      if (count !== null && last !== null && count > last) gaps += count - last - 1; // a reset board counts anew
      last = count;
    },
    get dropped() {
      return last === null ? spoilt : gaps;
    },
  };
}

/**
 * Records readings that a sketch prints into a file, each row written as it comes, until there are enough of them or
 * the port is closed. Throws a `Problem`: `silent-board`, `no-readings`, `disconnected`, and those of the file.
 */
export async function capture(port: Port, options: CaptureOptions): Promise<CaptureResult> {
  const loss = lossCounter();
  let file: CaptureFile | null = null;
  let header: readonly string[] | null = null;
  let sample = Buffer.alloc(0);
  let rows = 0;
  let firstAt = 0;
  let lastAt = 0;
  const state = (): CaptureResult => {
    const seconds = (lastAt - firstAt) / 1000;
    const hertz = seconds > 0 ? (rows + loss.dropped - 1) / seconds : null;
    return { rows, hertz, dropped: loss.dropped, columns: file?.columns ?? [] };
  };

  /** The row of a line, or null where it is none. */
  const take = ({ text, isFirst }: TextLine): readonly string[] | null => {
    if (!file) header = parseHeader(text) ?? header;
    const reading = isFirst ? null : parseReading(text);
    if (!reading) {
      if (file && !isFirst && text.trim() !== '') loss.spoil();
      return null;
    }
    const { names, values, count } = reading;
    if (!file) {
      const fitting = header?.length === values.length ? header : null;
      file = openCaptureFile(options.file, options.label, values.length, names ?? fitting);
    }
    const { columns } = file;
    if (values.length !== columns.length || names?.some((name, k) => name !== columns[k])) {
      loss.spoil();
      return null;
    }
    loss.see(count);
    return values;
  };

  try {
    await new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const expire = (): void => {
        const finding = diagnose(sample);
        if (sample.length === 0) {
          reject(
            trouble(
              'silent-board',
              `${port.path}: ${t`no byte came from the board`}`,
              t`does its sketch print its readings, with Serial.println?`,
            ),
          );
        } else {
          reject(
            trouble(
              'no-readings',
              `${port.path}: ${rows > 0 ? t`no further reading came` : t`no reading came at ${port.baudRate} baud`}${finding ? `: ${t`the board ${finding.does}`}` : ''}`,
              t`a reading is a line of numbers, such as "1.5,2" or "x:1.5 y:2"; is --baud the rate of Serial.begin?`,
            ),
          );
        }
      };
      const wait = (): void => {
        clearTimeout(timer);
        timer = setTimeout(expire, options.patience);
      };
      port.on('data', (bytes: Buffer) => (sample = Buffer.concat([sample, bytes]).subarray(-SAMPLE_BYTES)));
      const lose = (reason: Error | null | undefined): void =>
        reject(
          trouble(
            'disconnected',
            `${port.path}: ${lossText(port, reason)}`,
            t`check the cable and start again; the rows so far are kept`,
          ),
        );
      port.once('close', lose);
      port.on('error', lose);
      wait();
      let isEnough = false;
      readLines(port, (lines) => {
        if (isEnough) return;
        try {
          const found = lines.map(take).filter((row) => row !== null);
          if (found.length === 0) return;
          const { at } = lines[0];
          if (rows === 0) firstAt = at;
          const room = options.rows === null ? found.length : options.rows - rows;
          const kept = found.slice(0, room);
          file?.append(kept);
          rows += kept.length;
          lastAt = at;
          options.onRows(state());
          wait();
          const isLate = options.milliseconds !== null && at - firstAt >= options.milliseconds;
          isEnough = rows === options.rows || isLate;
          if (isEnough) {
            clearTimeout(timer);
            resolve();
          }
        } catch (error) {
          clearTimeout(timer);
          reject(error as Error);
        }
      });
    });
  } finally {
    (file as CaptureFile | null)?.close();
  }
  return state();
}
