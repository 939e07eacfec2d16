import type { CommanderError } from 'commander';
import { Problem } from '../model/problem.js';

/** Commander's complaints under the codes of ours. */
const CODES: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'unknown-option',
  'commander.unknownCommand': 'unknown-command',
  'commander.missingArgument': 'missing-argument',
  'commander.optionMissingArgument': 'missing-value',
  'commander.excessArguments': 'too-many-arguments',
  'commander.help': 'missing-command',
};

/** "error: unknown option '--epoch'\n(Did you mean --epochs?)" → a usage `Problem` with the second line as its hint. */
export function usageProblem(error: CommanderError): Problem {
  const [, message, near] = /^(?:error: )?([^\n]*)(?:\n\((.*)\))?/s.exec(error.message) ?? [];
  return new Problem({
    kind: 'usage',
    code: CODES[error.code] ?? 'usage',
    message: error.code === 'commander.help' ? 'a command is missing' : message,
    hint: near ? near.replace(/^Did/, 'did') : 'add --help for the options, arguments and examples',
  });
}
