import { diagnose } from '../harness/diagnosis.js';
import { closePort, lossText, type Port } from '../harness/port.js';
import { parsePrediction, type PredictionLine } from '../harness/prediction-line.js';
import { readLines } from '../harness/text-lines.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { frameDecoder } from '../model/protocol.js';

/** What `neurona monitor` hears, apart from showing it. */

export interface LivePrediction extends PredictionLine {
  /** Since listening began. */
  readonly seconds: number;
  /** Predictions a second, lately; null where there were too few. */
  readonly hertz: number | null;
}

export interface MonitorOptions {
  /** Predictions, or time, after which it is enough; for ever by default. */
  readonly rows?: number;
  readonly seconds?: number;
  readonly onPrediction: (prediction: LivePrediction) => void;
}

const PATIENCE_MILLISECONDS = 15_000;
/** Predictions over which the rate is measured, or more where so many arrive at once. */
const RATE_WINDOW = 32;
/** As much of what came last as tells what else speaks. */
const SAMPLE_BYTES = 1024;

/**
 * Tells every prediction that a flashed board prints, until there are enough, and closes the port. Throws a `Problem` where
 * nothing comes for 15 s, where other firmware speaks, and where the device goes away.
 */
export async function monitorPort(
  port: Port,
  { rows = Infinity, seconds = Infinity, onPrediction }: MonitorOptions,
): Promise<void> {
  const started = performance.now();
  const decoder = frameDecoder();
  let sample = Buffer.alloc(0);
  let times: number[] = [];
  let told = 0;

  function tell(text: string, at: number): void {
    const found = parsePrediction(text);
    if (!found || told >= rows) return;
    times = [...times, at];
    const earlier = times.findLastIndex((time) => time < at);
    times = times.slice(Math.max(0, Math.min(times.length - RATE_WINDOW, earlier)));
    const elapsed = (at - times[0]) / 1000;
    told++;
    onPrediction({
      ...found,
      seconds: (at - started) / 1000,
      hertz: elapsed > 0 ? (times.length - 1) / elapsed : null,
    });
  }
  const trouble = (code: string, message: string, hint: string): Problem =>
    new Problem({ kind: 'toolchain', code, message: `${port.path}: ${message}`, hint });

  let patience: NodeJS.Timeout | undefined;
  let end: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const expire = (): void => {
        const isSilent = sample.length === 0;
        const what = isSilent
          ? t`no byte came from the board`
          : t`no line of text came at ${port.baudRate} baud`;
        const finding = diagnose(sample);
        reject(
          trouble(
            isSilent ? 'silent-board' : 'only-noise',
            finding ? t`the board ${finding.does}` : what,
            t`does its sketch print its predictions, and is --baud the rate of Serial.begin?`,
          ),
        );
      };
      patience = setTimeout(expire, PATIENCE_MILLISECONDS);
      if (seconds < Infinity) end = setTimeout(resolve, seconds * 1000);
      const lose = (reason: Error | null | undefined): void =>
        reject(trouble('disconnected', lossText(port, reason), t`check the cable and start again`));
      port.once('close', lose);
      port.on('error', lose);
      port.on('data', (bytes: Buffer) => {
        sample = Buffer.concat([sample, bytes]).subarray(-SAMPLE_BYTES);
        if (decoder.push(bytes).length === 0) return;
        reject(
          trouble(
            'verification-firmware',
            t`the board runs the verification sketch, which waits for rows`,
            t`upload a sketch that predicts, such as the example predict of the Arduino library`,
          ),
        );
      });
      readLines(port, (lines) => {
        for (const { text, isFirst, at } of lines) if (!isFirst) tell(text, at);
        if (told === 0) return;
        clearTimeout(patience);
        patience = setTimeout(expire, PATIENCE_MILLISECONDS);
        if (told >= rows) resolve();
      });
    });
  } finally {
    clearTimeout(patience);
    clearTimeout(end);
    await closePort(port);
  }
}
