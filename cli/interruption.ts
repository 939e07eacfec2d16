import { t } from '../model/messages.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { Output } from './output.js';
import { reportProblem } from './report-problem.js';

/** Brings work to safety when the program is told to end; says what to tell the user. */
export type SaveWork = () => Promise<ProblemDetails>;

export const interrupted = (): ProblemDetails => ({
  kind: 'interrupted',
  code: 'interrupted',
  message: t`interrupted`,
});

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C, `kill` and a terminal that closes end the program with exit code 130, after the work that the last call of
 * the returned function named, null for none. Further signals change nothing: npx sends each one a second time.
 */
export function handleInterruption(output: Output): (save: SaveWork | null) => void {
  let save: SaveWork | null = null;
  let isEnding = false;
  async function end(): Promise<void> {
    if (isEnding) return;
    isEnding = true;
    let problem: unknown;
    try {
      problem = new Problem(save ? await save() : interrupted());
    } catch (error) {
      problem = error;
    }
    process.exit(reportProblem(problem, output));
  }
  for (const signal of SIGNALS) process.on(signal, () => void end());
  return (next) => (save = next);
}
