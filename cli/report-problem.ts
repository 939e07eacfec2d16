import { t } from '../model/messages.js';
import { EXIT_CODES, Problem, type ProblemDetails } from '../model/problem.js';
import type { Output } from './output.js';
import { columnsOf, wrapped } from './wrap.js';

/** `file:line:column: ` as far as it is known. */
function place({ file, line, column }: ProblemDetails): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

function detailsOf(error: unknown): ProblemDetails {
  if (error instanceof Problem) return error.details;
  return {
    kind: 'bug',
    code: 'bug',
    message: error instanceof Error ? error.message : String(error),
    hint: t`this is a fault in neurona, not in your data: please report it with the lines above and the command`,
  };
}

/**
 * Prints an error and returns the exit code. With --json it becomes the one object on stdout, unless the
 * command has already printed its result there; then, as for people, it goes to stderr.
 */
export function reportProblem(error: unknown, output: Output): number {
  const details = detailsOf(error);
  const { kind, code, message, file, line, column, hint } = details;
  output.endProgress();
  const showStack = kind === 'bug' || (output.verbose && kind !== 'interrupted');
  if (showStack && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  if (output.json && !output.hasResult()) {
    const fields = { code, message, file, line, column, hint };
    const object = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, value ?? null]));
    process.stdout.write(`${JSON.stringify({ error: object })}\n`);
    return EXIT_CODES[kind];
  }
  const { red, bold, dim, cyan } = output.errorColours;
  const where = place(details);
  const width = columnsOf(process.stderr);
  const label = `${where && `${bold(where)}: `}${red(t`error:`)} `;
  const lines = [wrapped(`${message} ${dim(`[${code}]`)}`, width, label)];
  if (hint !== undefined) lines.push(wrapped(hint, width, `${cyan(t`hint:`)} `));
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
  return EXIT_CODES[kind];
}
