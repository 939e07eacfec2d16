import type { CommanderError } from 'commander';
import { m, say, t, type Message } from '../model/messages.js';
import { Problem } from '../model/problem.js';

interface Complaint {
  /** The code of ours. */
  readonly code: string;
  /** What of commander's message is said in ours. */
  readonly names: RegExp;
  readonly message: (name: string) => Message;
}

const COMPLAINTS: Readonly<Record<string, Complaint>> = {
  'commander.unknownOption': {
    code: 'unknown-option',
    names: /'(.*)'/,
    message: (name) => m`unknown option '${name}'`,
  },
  'commander.unknownCommand': {
    code: 'unknown-command',
    names: /'(.*)'/,
    message: (name) => m`unknown command '${name}'`,
  },
  'commander.missingArgument': {
    code: 'missing-argument',
    names: /'(.*)'/,
    message: (name) => m`missing required argument '${name}'`,
  },
  'commander.optionMissingArgument': {
    code: 'missing-value',
    names: /'(.*)'/,
    message: (name) => m`option '${name}' argument missing`,
  },
  'commander.excessArguments': {
    code: 'too-many-arguments',
    names: /for '(.*)'/,
    message: (name) => m`too many arguments for '${name}'`,
  },
  'commander.help': { code: 'missing-command', names: /(?:)/, message: () => m`a command is missing` },
};

const NEAR = /\(Did you mean (?:one of )?(.*)\?\)/;

/** "error: unknown option '--epoch'\n(Did you mean --epochs?)" → a usage `Problem` with the second line as its hint. */
export function usageProblem({ code, message }: CommanderError): Problem {
  const complaint: Complaint | undefined = COMPLAINTS[code];
  const [, name = ''] = complaint?.names.exec(message) ?? [];
  const near = NEAR.exec(message)?.[1];
  return new Problem({
    kind: 'usage',
    code: complaint?.code ?? 'usage',
    message: complaint ? say(complaint.message(name)) : message.replace(/^error: /, ''),
    hint: near ? t`did you mean ${near}?` : t`add --help for the options, arguments and examples`,
  });
}
