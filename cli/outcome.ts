import type { Network } from '../model/network.js';
import type { TargetScore } from '../trainer/regression-scores.js';
import type { ClassComparison, Comparison, TargetComparison } from './comparison.js';

/** What a training came to, as the fields of `--json` that depend on the task. */
export type Outcome = ClassOutcome | TargetOutcome;

export interface Parts<T> {
  readonly train: T;
  /** Null where no rows were kept for testing. */
  readonly test: T | null;
}

export interface ClassOutcome {
  readonly task: 'classification';
  readonly classes: readonly string[];
  readonly accuracy: Parts<number>;
  readonly quantizedAccuracy: Parts<number>;
  /** Share of all rows that get the same class from floating point and from integers. */
  readonly agreement: number;
  readonly folds?: {
    readonly count: number;
    /** Means over the test parts. */
    readonly accuracy: number;
    readonly quantizedAccuracy: number;
    readonly each: readonly { readonly accuracy: number; readonly quantizedAccuracy: number }[];
  };
}

export interface TargetOutcome {
  readonly task: 'regression';
  readonly targets: readonly string[];
  /** (targets,) digits after the decimal point of a board's answer. */
  readonly decimals: readonly number[];
  readonly scores: Parts<readonly TargetScore[]>;
  readonly quantizedScores: Parts<readonly TargetScore[]>;
  /** (targets,) root of the mean squared difference between floating point and integers, over all rows. */
  readonly difference: readonly number[];
  readonly folds?: {
    readonly count: number;
    /** Means over the test parts. */
    readonly scores: readonly TargetScore[];
    readonly quantizedScores: readonly TargetScore[];
    readonly each: readonly {
      readonly scores: readonly TargetScore[];
      readonly quantizedScores: readonly TargetScore[];
    }[];
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean over parts of different size. */
const weightedMean = (parts: readonly (readonly [rows: number, value: number])[]): number =>
  parts.reduce((sum, [rows, value]) => sum + rows * value, 0) / parts.reduce((sum, [rows]) => sum + rows, 0);

function classOutcome(
  { classes }: Network,
  train: ClassComparison,
  test: ClassComparison | null,
  folds: readonly ClassComparison[] | null,
): ClassOutcome {
  const measured = test ? [train, test] : [train];
  return {
    task: 'classification',
    classes,
    accuracy: { train: train.float, test: test?.float ?? null },
    quantizedAccuracy: { train: train.integer, test: test?.integer ?? null },
    agreement: weightedMean(measured.map(({ rows, agreement }) => [rows, agreement])),
    ...(folds && {
      folds: {
        count: folds.length,
        accuracy: mean(folds.map(({ float }) => float)),
        quantizedAccuracy: mean(folds.map(({ integer }) => integer)),
        each: folds.map(({ float, integer }) => ({ accuracy: float, quantizedAccuracy: integer })),
      },
    }),
  };
}

function meanScores(parts: readonly (readonly TargetScore[])[]): TargetScore[] {
  return parts[0].map(({ target }, k) => {
    const r2 = parts.map((scores) => scores[k].r2).filter((value) => value !== null);
    return {
      target,
      rmse: mean(parts.map((scores) => scores[k].rmse)),
      mae: mean(parts.map((scores) => scores[k].mae)),
      r2: r2.length > 0 ? mean(r2) : null,
    };
  });
}

function targetOutcome(
  { targets }: Network,
  train: TargetComparison,
  test: TargetComparison | null,
  folds: readonly TargetComparison[] | null,
): TargetOutcome {
  const measured = test ? [train, test] : [train];
  return {
    task: 'regression',
    targets: targets?.names ?? [],
    decimals: targets?.decimals ?? [],
    scores: { train: train.float, test: test?.float ?? null },
    quantizedScores: { train: train.integer, test: test?.integer ?? null },
    difference: train.difference.map((_, k) =>
      Math.sqrt(weightedMean(measured.map(({ rows, difference }) => [rows, difference[k] * difference[k]]))),
    ),
    ...(folds && {
      folds: {
        count: folds.length,
        scores: meanScores(folds.map(({ float }) => float)),
        quantizedScores: meanScores(folds.map(({ integer }) => integer)),
        each: folds.map(({ float, integer }) => ({ scores: float, quantizedScores: integer })),
      },
    }),
  };
}

const isOfClasses = (found: Comparison): found is ClassComparison => found.task === 'classification';
const isOfTargets = (found: Comparison): found is TargetComparison => found.task === 'regression';

/** `train`, `test` and `folds` are of the network's own task. */
export function outcomeOf(
  network: Network,
  train: Comparison,
  test: Comparison | null,
  folds: readonly Comparison[] | null,
): Outcome {
  return isOfClasses(train)
    ? classOutcome(
        network,
        train,
        test && isOfClasses(test) ? test : null,
        folds && folds.filter(isOfClasses),
      )
    : targetOutcome(
        network,
        train,
        test && isOfTargets(test) ? test : null,
        folds && folds.filter(isOfTargets),
      );
}
