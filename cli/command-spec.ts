import type { SaveWork } from './interruption.js';
import type { Language, Message } from '../model/messages.js';
import type { Heading, Operand } from './headings.js';
import type { OptionGroup, OptionGroups, OptionSpec, OptionValues } from './option-spec.js';
import type { Output } from './output.js';

type Operands = Readonly<Partial<Record<Operand, Message>>>;
type GroupedOptions = Readonly<Partial<Record<Heading, OptionGroup>>>;

/** What every command receives besides its operands and options. */
export interface Context {
  readonly seed: number;
  /** Of what people read, also in the files that are made for them. With --json all else is English. */
  readonly language: Language;
  readonly output: Output;
  /** As they were typed after `neurona`. */
  readonly words: readonly string[];
  /** Names what an interruption has to save before the program ends; null for nothing any more. */
  readonly beforeExit: (save: SaveWork | null) => void;
}

/** A command as data; `program.ts` turns it into a commander command with flags, help and configuration keys. */
export interface CommandSpec {
  readonly name: string;
  /** Heading in the list of commands. */
  readonly group: Heading;
  readonly summary: Message;
  /** What the help says below the summary. */
  readonly description?: Message;
  /** In commander's notation, `<data...>`, with what each is. */
  readonly operands: Operands;
  readonly groups: GroupedOptions;
  /** Keys that must be set, by flag or by file. */
  readonly required: readonly string[];
  /** Pairs of keys that contradict each other. */
  readonly conflicts: readonly (readonly [string, string])[];
  readonly examples: readonly string[];
  readonly run: (
    operands: readonly string[],
    options: Readonly<Record<string, unknown>>,
    context: Context,
  ) => Promise<void>;
}

type TypedCommand<G extends OptionGroups> = Pick<
  CommandSpec,
  'name' | 'group' | 'summary' | 'description' | 'examples'
> & {
  readonly operands?: Operands;
  readonly groups?: G & Readonly<Record<Exclude<keyof G, Heading>, never>>;
  readonly required?: readonly (keyof OptionValues<G> & string)[];
  readonly conflicts?: readonly (readonly [keyof OptionValues<G> & string, keyof OptionValues<G> & string])[];
  readonly run: (operands: readonly string[], options: OptionValues<G>, context: Context) => Promise<void>;
};

/** Checks that `run` uses only options the command has, each with its own type. */
export function defineCommand<const G extends OptionGroups>(command: TypedCommand<G>): CommandSpec {
  return {
    operands: {},
    groups: {},
    required: [],
    conflicts: [],
    ...command,
    run: (operands, options, context) => command.run(operands, options as OptionValues<G>, context),
  };
}

/** All options of a command by key. */
export function optionsOf(command: CommandSpec): ReadonlyMap<string, OptionSpec<unknown>> {
  return new Map(Object.values(command.groups).flatMap((group) => Object.entries(group)));
}
