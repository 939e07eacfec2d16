/** What went wrong, sorted by who has to act. The kind decides the exit code. */
export type ProblemKind = 'data' | 'usage' | 'mismatch' | 'toolchain' | 'bug' | 'fit' | 'interrupted';

export const EXIT_CODES: Readonly<Record<ProblemKind, number>> = {
  data: 1,
  usage: 2,
  mismatch: 3,
  toolchain: 4,
  bug: 5,
  fit: 6,
  interrupted: 130,
};

/** A problem as data: it becomes text or JSON only in `cli/`. Lines and columns count from 1. */
export interface ProblemDetails {
  readonly kind: ProblemKind;
  /** Stable kebab-case name a script can test for, such as `cell-not-a-number`. */
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** How to mend it. */
  readonly hint?: string;
}

/** The one exception that crosses folders; any other exception that reaches the user is a bug of ours. */
export class Problem extends Error {
  constructor(readonly details: ProblemDetails) {
    super(details.message);
    this.name = 'Problem';
  }
}

/** Throws a `Problem` of bad data, configuration or model (exit code 1). */
export function rejectData(code: string, message: string, where: Partial<ProblemDetails> = {}): never {
  throw new Problem({ kind: 'data', code, message, ...where });
}
