import { FIXED_POINT, MOST_FIXED_POINT_COST, OURS, type Trainer } from './peers.js';
import { markdownTable, short, whenAndWhere, withUnit } from './tables.js';
import { WORKLOADS, type WorkloadName } from './workloads.js';

/** What one trainer reached on one workload; medians. */
export interface Result {
  /** Samples a second of our runs ÷ those of theirs right after them; of ours through integers, what an epoch costs. */
  readonly ratio: number;
  /** Samples a second. */
  readonly speed: number;
  /** KiB */
  readonly memory: number;
  /** Of the workload's rows × epochs, that it ran. */
  readonly share: number;
}

export interface Measured {
  readonly compared: readonly Trainer[];
  readonly rounds: number;
  /** Processes that wanted a core before the benchmark began: its figures count where that is next to none. */
  readonly load: number;
  /** By workload, then by trainer's name; without those that are not installed. */
  readonly results: ReadonlyMap<WorkloadName, ReadonlyMap<string, Result>>;
  /** Seconds of a whole process that trains iris, by trainer's name. */
  readonly processes: ReadonlyMap<string, number>;
  readonly processEpochs: number;
  /** By trainer's name. */
  readonly versions: ReadonlyMap<string, string>;
}

/** "12 (≥ 10)"; bold where the promise is not kept. */
function ratioCell({ targets }: Trainer, name: WorkloadName, result: Result | undefined): string {
  if (!result) return targets ? `– (≥ ${targets[name]})` : '–';
  if (!targets) return short(result.ratio);
  const ratio = short(result.ratio);
  return `${result.ratio < targets[name] ? `**${ratio}**` : ratio} (≥ ${targets[name]})`;
}

/** How many times as long an epoch takes through integers, and at most should; bold where it takes longer. */
function costCell(result: Result | undefined): string {
  if (!result) return '–';
  const cost = result.ratio.toFixed(2);
  return `${result.ratio > MOST_FIXED_POINT_COST ? `**${cost}**` : cost} (≤ ${MOST_FIXED_POINT_COST})`;
}

/** The whole report as Markdown, as it goes into docs/training.md. */
export function trainReport(measured: Measured): string {
  const { compared, rounds, load, results, processes, processEpochs, versions } = measured;
  const names = [...results.keys()];
  const titles = names.map((name) => WORKLOADS[name].title);
  const resultsOf = ({ name }: Trainer) => names.map((workload) => results.get(workload)?.get(name));
  const isMeasured = (trainer: Trainer) => resultsOf(trainer).some(Boolean);
  const label = (trainer: Trainer) =>
    isMeasured(trainer)
      ? `${trainer.name} ${versions.get(trainer.name) ?? ''}`.trim()
      : `${trainer.name}, not installed`;
  const measuredOnes = compared.filter(isMeasured);
  const ratios = compared.map((trainer) => [
    label(trainer),
    ...resultsOf(trainer).map((result, w) =>
      trainer === FIXED_POINT ? costCell(result) : ratioCell(trainer, names[w], result),
    ),
  ]);
  const speeds = ['_Neurona, samples a second_', ...resultsOf(OURS).map((result) => withUnit(result!.speed))];
  const notes = measuredOnes.flatMap(({ name, note }) => (note ? [`- ${name}: ${note}.`] : []));
  const shares = measuredOnes
    .filter((trainer) => trainer !== FIXED_POINT)
    .map((trainer) => [
      label(trainer),
      ...resultsOf(trainer).map((result) => `${short(100 * result!.share)} %`),
    ]);
  const costs = [OURS, ...measuredOnes].map((trainer) => [
    label(trainer),
    ...resultsOf(trainer).map((result) => short(result!.memory / 1024)),
    processes.has(trainer.name) ? `${processes.get(trainer.name)!.toFixed(2)} s` : '',
  ]);
  return [
    `\`npm run bench:train\` on ${whenAndWhere()}; medians of ${rounds} ${rounds === 1 ? 'turn' : 'turns'}. Load before it began: ${load.toFixed(1)}.`,
    'How many times as fast as each trainer Neurona is, and how many times it promises to be; bold where it is not kept:',
    markdownTable(['Neurona ÷', ...titles], [...ratios, speeds]),
    notes.join('\n'),
    'The share of the rows × epochs that each ran in a turn; Neurona ran all:',
    markdownTable(['trainer', ...titles], shares),
    `Peak memory in MiB, and the time of a whole process that trains iris for ${processEpochs} epochs:`,
    markdownTable(['trainer', ...titles, 'process'], costs),
  ].join('\n\n');
}
