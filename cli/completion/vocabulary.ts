import { allBoards } from '../../model/board.js';
import { say, t } from '../../model/messages.js';
import { optionsOf, type CommandSpec } from '../command-spec.js';
import { GLOBAL_OPTIONS } from '../global-options.js';
import { flagOf, type OptionSpec } from '../option-spec.js';

/** What shells complete, from the same tables as the flags, the help and the configuration file. */

export interface CompletedOption {
  /** `--learning-rate` */
  readonly flag: string;
  /** One letter. */
  readonly short?: string;
  readonly description: string;
  /** What follows it: nothing, one of some words, a path, either of these, or something that no shell can know. */
  readonly value: 'none' | 'words' | 'path' | 'words-or-path' | 'free';
  readonly words: readonly string[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** Words that may follow it; empty where those are files, or nothing. */
  readonly operands: readonly string[];
  readonly takesFiles: boolean;
}

export interface Vocabulary {
  readonly commands: readonly CompletedCommand[];
  readonly globals: readonly CompletedOption[];
}

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** Words of options that take others too, or that the table of options leaves to the command. */
const WORDS: Readonly<Record<string, () => readonly string[]>> = {
  board: () => allBoards().map(({ id }) => id),
  on: () => ['simulator', 'qemu', 'host'],
};

/** Options whose text may be a path that is none of the configuration file's: that of a port. */
const PORTS: ReadonlySet<string> = new Set(['port', 'on']);

const wordsOf = (key: string, option: OptionSpec<unknown>): readonly string[] =>
  WORDS[key]?.() ?? option.words ?? [];

function completed(key: string, option: OptionSpec<unknown>): CompletedOption[] {
  const flag = flagOf(key);
  const off = flag.replace(/^--/, '--no-');
  const { short, form } = option;
  const description = say(option.description);
  const nothing = { value: 'none', words: [] } as const;
  switch (form) {
    case 'value': {
      const words = wordsOf(key, option);
      const takesPath = option.isPath === true || PORTS.has(key);
      const value = words.length > 0 ? (takesPath ? 'words-or-path' : 'words') : takesPath ? 'path' : 'free';
      return [{ flag, short, description, value, words }];
    }
    case 'on':
      return [{ flag, short, description, ...nothing }];
    case 'off':
      return [{ flag: off, description, ...nothing }];
    case 'on-off':
      return [
        { flag, short, description, ...nothing },
        { flag: off, description: say(option.offDescription ?? option.description), ...nothing },
      ];
  }
}

const help = (): CompletedOption => ({
  flag: '--help',
  short: 'h',
  description: t`show this help`,
  value: 'none',
  words: [],
});

/** Operands that are a word of a few. */
const OPERAND_WORDS: Readonly<Record<string, readonly string[]>> = { '<shell>': SHELLS };

export function vocabularyOf(commands: readonly CommandSpec[]): Vocabulary {
  return {
    commands: commands.map((command) => {
      const operands = Object.keys(command.operands).flatMap((operand) => OPERAND_WORDS[operand] ?? []);
      return {
        name: command.name,
        summary: say(command.summary),
        options: [...optionsOf(command)].flatMap(([key, option]) => completed(key, option)),
        operands,
        takesFiles: operands.length === 0 && Object.keys(command.operands).length > 0,
      };
    }),
    globals: [...Object.entries(GLOBAL_OPTIONS).flatMap(([key, option]) => completed(key, option)), help()],
  };
}

/** All words that name an option. */
export const flagsOf = ({ flag, short }: CompletedOption): string[] =>
  short === undefined ? [flag] : [flag, `-${short}`];
