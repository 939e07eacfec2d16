import type { verifyFirmware } from '../harness/verify.js';
import type { Prediction } from '../model/infer.js';
import { m, t } from '../model/messages.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import type { TargetScore } from '../trainer/regression-scores.js';
import { rmseText } from './score-lines.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { Colours } from './output.js';
import { counted, grouped, percent, seconds, textTable } from './text-table.js';

/** What `neurona verify` says about a run. */

type VerifyResult = Awaited<ReturnType<typeof verifyFirmware>>;

interface Answer {
  readonly class: number;
  readonly outputs: readonly number[];
  /** Of a regression, in units of 10^-decimals. */
  readonly values?: readonly number[];
}

export interface CycleEstimate {
  readonly typical: number;
  readonly worst: number;
  readonly unit: 'cycles' | 'instructions';
}

/** The object of --json. */
export interface VerificationReport {
  readonly board: string;
  readonly on: string;
  /** Rows that were answered, of `total`. */
  readonly rows: number;
  readonly total: number;
  readonly mismatches: number;
  readonly accuracy: number | null;
  /** Of a regression's values, per target; null in a classification and where the data have no targets. */
  readonly scores: readonly TargetScore[] | null;
  readonly modelHash: string;
  /** As the board itself counted them; null where it cannot: `noCycles` says why, in English as this object is a file too. */
  readonly cycles: VerifyResult['cycles'];
  readonly noCycles: string | null;
  /** What `neurona estimate` says of these rows on this board; null where it knows nothing of the core. */
  readonly estimate: CycleEstimate | null;
  readonly microseconds: VerifyResult['cycles'];
  readonly stackBytes: number | null;
  readonly retries: number;
  readonly linkDoubts: number;
  readonly seconds: number;
  /** Rows count from 1, as in the data without its header. */
  readonly firstMismatches: readonly {
    readonly row: number;
    readonly expected: Answer;
    readonly got: Answer;
  }[];
  readonly stoppedBy: ProblemDetails | null;
  /** The folder with every byte and every row. */
  readonly session: string | null;
}

const answer = ({ class: index, outputs, values }: Prediction): Answer => ({
  class: index,
  outputs: [...outputs],
  ...(values.length > 0 && { values: [...values] }),
});

export function verificationReport(
  result: VerifyResult,
  run: {
    readonly modelHash: string;
    readonly total: number;
    readonly scores: readonly TargetScore[] | null;
    readonly session: string | null;
    readonly estimate: CycleEstimate | null;
  },
): VerificationReport {
  const { firstMismatches, values: _, ...rest } = result;
  return {
    ...rest,
    total: run.total,
    scores: run.scores,
    modelHash: run.modelHash,
    firstMismatches: firstMismatches.map(({ row, expected, got }) => ({
      row: row + 1,
      expected: answer(expected),
      got: answer(got),
    })),
    session: run.session,
    estimate: run.estimate,
  };
}

/** The report of a device that could not be asked at all. */
export function failedVerification(
  run: Pick<VerificationReport, 'board' | 'on' | 'modelHash' | 'total' | 'session' | 'stoppedBy'>,
): VerificationReport {
  return {
    ...run,
    rows: 0,
    mismatches: 0,
    accuracy: null,
    scores: null,
    cycles: null,
    noCycles: null,
    estimate: null,
    microseconds: null,
    stackBytes: null,
    retries: 0,
    linkDoubts: 0,
    seconds: 0,
    firstMismatches: [],
  };
}

/** What makes the run a failure, if anything does: a difference, or rows that were never compared. */
export function verificationProblem({ mismatches, rows, on, stoppedBy }: VerificationReport): Problem | null {
  if (mismatches > 0) {
    return new Problem({
      kind: 'mismatch',
      code: 'mismatch',
      message: t`${counted(mismatches, 'row')} of ${grouped(rows)} differ between ${on} and the reference`,
      hint: t`generate, build and flash again; if it stays, please report it with the rows above`,
    });
  }
  return stoppedBy && new Problem(stoppedBy);
}

const MOST_OUTPUTS_SHOWN = 8;

const few = (numbers: readonly number[]): string =>
  `${numbers.slice(0, MOST_OUTPUTS_SHOWN).join(' ')}${numbers.length > MOST_OUTPUTS_SHOWN ? ' …' : ''}`;

function shown({ class: index, outputs, values }: Answer, { classes }: QuantizedModel): string {
  const what = values ? t`values ${few(values)}` : (classes[index] ?? t`class ${index}`);
  return `${what} (${few(outputs)})`;
}

const STEPS = { cycles: m`cycles`, instructions: m`instructions` } as const;

function estimateText({ typical, worst, unit }: CycleEstimate, cycles: VerifyResult['cycles']): string {
  const said = t`${grouped(typical)} ${STEPS[unit]} typical, ${grouped(worst)} worst`;
  if (!cycles || unit !== 'cycles') return said;
  const off = (typical - cycles.median) / cycles.median;
  return t`${said}; ${off === 0 ? t`exact` : `${off > 0 ? '+' : '−'}${percent(Math.abs(off))}`} at the median`;
}

export function verificationLines(
  report: VerificationReport,
  model: QuantizedModel,
  { bold, green, red, yellow, dim }: Colours,
): string[] {
  const { rows, total, mismatches, cycles, microseconds, stackBytes, retries, linkDoubts, stoppedBy } =
    report;
  const verdict =
    mismatches > 0
      ? red(t`${counted(mismatches, 'row')} of ${grouped(rows)} differ`)
      : rows === 0 && stoppedBy !== null
        ? red(t`no row compared: ${stoppedBy.message}`)
        : rows < total
          ? yellow(t`${grouped(rows)} of ${counted(total, 'row')} compared, all equal; the rest is unproven`)
          : green(t`${counted(rows, 'row')}, all bit for bit equal`);
  const facts: string[][] = [];
  if (report.scores !== null) facts.push([t`errors`, rmseText(report.scores)]);
  if (report.accuracy !== null) facts.push([t`accuracy`, t`${percent(report.accuracy)} of the labels`]);
  const spread = ({ min, median, max }: NonNullable<VerifyResult['cycles']>): string =>
    t`${grouped(Math.round(min))} least, ${grouped(Math.round(median))} median, ${grouped(Math.round(max))} most`;
  if (cycles) facts.push([t`cycles`, spread(cycles)]);
  else if (report.noCycles !== null)
    facts.push([t`cycles`, t`none: ${{ key: report.noCycles, values: [] }}`]);
  if (microseconds)
    facts.push(
      cycles
        ? ['', t`${microseconds.median.toFixed(1)} µs a row at the median`]
        : [t`microseconds`, spread(microseconds)],
    );
  if (report.estimate && rows > 0) facts.push([t`estimate`, estimateText(report.estimate, cycles)]);
  if (stackBytes !== null) facts.push([t`stack`, t`${grouped(stackBytes)} bytes at most`]);
  else if (report.on !== 'host' && rows > 0 && stoppedBy === null)
    facts.push([t`stack`, t`unknown: the firmware on this board cannot tell`]);
  if (rows > 0 && stoppedBy !== null) facts.push([t`stopped`, stoppedBy.message]);
  const repeats = `${counted(retries, 'repeat')}${linkDoubts > 0 ? t`, ${counted(linkDoubts, 'row')} damaged unnoticed` : ''}`;
  if (rows > 0) facts.push([t`link`, `${repeats}, ${seconds(report.seconds)}`]);
  if ((mismatches > 0 || rows < total) && report.session !== null) facts.push([t`session`, report.session]);
  facts.push([t`model`, dim(report.modelHash.slice(0, 16))]);
  return [
    `${bold(report.on === 'host' ? t`this computer` : t`${report.board} on ${report.on}`)}: ${verdict}`,
    '',
    ...textTable(facts, ['left']),
    ...report.firstMismatches.flatMap(({ row, expected, got }) => {
      const words = [t`expected`, t`got`];
      const width = Math.max(...words.map((word) => word.length));
      const [first, second] = words.map((word) => word.padStart(width));
      const head = t`row ${row}`;
      return [
        '',
        `${head}  ${first} ${shown(expected, model)}`,
        `${' '.repeat(head.length)}  ${second} ${shown(got, model)}`,
      ];
    }),
  ];
}
