import { Command, CommanderError, Option } from 'commander';
import { ENGLISH, say, setLanguage, t } from '../model/messages.js';
import { TOOL_VERSION } from '../model/package-root.js';
import { Problem } from '../model/problem.js';
import { optionsOf, type CommandSpec, type Context } from './command-spec.js';
import { COMMANDS } from './command-table.js';
import { HEADINGS, OPERANDS, TITLES, type Heading, type Operand } from './headings.js';
import { handleInterruption } from './interruption.js';
import { GLOBAL_OPTIONS, SHARED_OPTIONS } from './global-options.js';
import { flagOf, refusal, type OptionSpec, type OptionValues } from './option-spec.js';
import { chosenLanguage, flagsIn, languageOption } from './language.js';
import { asCalled, nextProgram, repeatOptions } from './invocation.js';
import { createOutput, type Output } from './output.js';
import { reportProblem } from './report-problem.js';
import { usageProblem } from './usage-problem.js';
import { columnsOf, LEAST_WIDTH, wrapped } from './wrap.js';

type GlobalValues = OptionValues<{ global: typeof GLOBAL_OPTIONS }>;

const DEFAULT_SEED = 1;

function commanderOptions(key: string, option: OptionSpec<unknown>): Option[] {
  const flag = flagOf(key);
  const off = flag.replace(/^--/, '--no-');
  const short = option.short ? `-${option.short}, ` : '';
  const description = say(option.description);
  switch (option.form) {
    case 'value': {
      const words = option.words ? `: ${option.words.join(', ')}` : '';
      return [
        new Option(
          `${short}${flag} ${option.placeholder ? say(option.placeholder) : ''}`,
          description + words,
        ),
      ];
    }
    case 'on':
      return [new Option(`${short}${flag}`, description)];
    case 'off':
      return [new Option(off, description)];
    case 'on-off':
      return [
        new Option(flag, description),
        new Option(off, say(option.offDescription ?? option.description)),
      ];
  }
}

/** The options that stand on the command line, checked. */
function givenOptions(
  command: Command,
  options: Iterable<readonly [string, OptionSpec<unknown>]>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, option] of options) {
    if (command.getOptionValueSource(key) !== 'cli') continue;
    const raw: unknown = command.getOptionValue(key);
    const value = typeof raw === 'string' ? option.fromText(raw) : raw;
    values[key] = option.accept(value);
    if (values[key] === undefined) {
      throw new Problem({ kind: 'usage', code: 'bad-value', ...refusal(flagOf(key), option, raw) });
    }
  }
  return values;
}

const usage = (code: string, message: string, hint: string): never => {
  throw new Problem({ kind: 'usage', code, message, hint });
};

/** Flags over file: a flag also drops what the file says about the option it contradicts. */
function mergeOptions(
  spec: CommandSpec,
  given: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = { ...file, ...given };
  for (const pair of spec.conflicts) {
    const [one, other] = pair;
    if (given[one] !== undefined && given[other] !== undefined) {
      usage(
        'conflicting-options',
        t`${flagOf(one)} and ${flagOf(other)} contradict each other`,
        t`give only one of them`,
      );
    }
    for (const [winner, loser] of [pair, [other, one]]) if (given[winner] !== undefined) delete merged[loser];
  }
  for (const key of spec.required) {
    if (merged[key] !== undefined) continue;
    usage(
      'missing-option',
      t`${flagOf(key)} is missing`,
      t`for example: ${asCalled(spec.examples[0], nextProgram())}`,
    );
  }
  return merged;
}

/** What is the same for every command of a run. */
type Surroundings = Omit<Context, 'seed'>;

async function runCommand(spec: CommandSpec, command: Command, surroundings: Surroundings): Promise<void> {
  const globals = givenOptions(command.parent ?? command, Object.entries(GLOBAL_OPTIONS)) as GlobalValues;
  if (globals.quiet && globals.verbose) {
    usage(
      'conflicting-options',
      t`${'--quiet'} and ${'--verbose'} contradict each other`,
      t`give only one of them`,
    );
  }
  const given = givenOptions(command, optionsOf(spec));
  const { readConfig } = await import('./config.js');
  const config = readConfig(globals.config, COMMANDS, SHARED_OPTIONS);
  const options = mergeOptions(spec, given, config.commands[spec.name] ?? {});
  const seed = globals.seed ?? (config.shared.seed as number | undefined) ?? DEFAULT_SEED;
  await spec.run(command.args, options, { ...surroundings, seed });
}

/** As they stand behind the command in its help. */
const operandsOf = ({ operands }: CommandSpec): string =>
  Object.keys(operands)
    .map((operand) => say(OPERANDS[operand as Operand]))
    .join(' ');

function addCommand(program: Command, spec: CommandSpec, surroundings: Surroundings): void {
  const command = program.command(spec.name).helpGroup(say(HEADINGS[spec.group])).summary(say(spec.summary));
  const summary = say(spec.summary);
  command.usage(`${t`[options]`} ${operandsOf(spec)}`.trim());
  command.description(
    spec.description ? say(spec.description) : `${summary[0].toUpperCase()}${summary.slice(1)}.`,
  );
  for (const [operand, description] of Object.entries(spec.operands))
    command.argument(say(OPERANDS[operand as Operand]), say(description));
  for (const [heading, group] of Object.entries(spec.groups)) {
    for (const [key, option] of Object.entries(group)) {
      for (const entry of commanderOptions(key, option))
        command.addOption(entry.helpGroup(say(HEADINGS[heading as Heading])));
    }
  }
  command.helpOption('-h, --help', t`show this help`);
  command.addHelpText(
    'after',
    `\n${t`Examples:`}\n${spec.examples.map((line) => `  $ ${asCalled(line)}`).join('\n')}`,
  );
  command.action(() => runCommand(spec, command, surroundings));
}

function createProgram(surroundings: Surroundings): Command {
  const program = new Command('neurona')
    .description(
      t`Train a small neural network, turn it into C for a microcontroller, and prove the board right.`,
    )
    .version(TOOL_VERSION, '--version', t`show the version`)
    .helpOption('-h, --help', t`show this help`)
    .commandsGroup(say(HEADINGS['About this installation:'])) // of the help command; the others name their own
    .helpCommand(t`help [command]`, t`show the help of a command`)
    .usage(t`[options] [command]`)
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: LEAST_WIDTH,
      subcommandTerm: (command) => command.name(),
      styleTitle: (title) =>
        surroundings.output.colours.bold(Object.hasOwn(TITLES, title) ? say(TITLES[title]) : title),
    })
    .configureOutput({ writeErr: () => {} }) // usage errors become Problems
    .exitOverride();
  for (const [key, option] of Object.entries(GLOBAL_OPTIONS)) {
    for (const entry of commanderOptions(key, option)) program.addOption(entry);
  }
  for (const spec of COMMANDS) addCommand(program, spec, surroundings);
  program.addHelpText(
    'after',
    `\n${t`Start here:`}\n  $ ${nextProgram()} init my-project\n  $ ${nextProgram()} train --help\n\n${wrapped(t`Options can also stand in neurona.config.json; flags win over it.`, columnsOf(process.stdout))}`,
  );
  return program;
}

/** What has to be known before the flags are checked, because it decides how their errors look. */
function earlyOutput(words: readonly string[]): Output {
  const flags = new Set(flagsIn(words));
  return createOutput({
    json: flags.has('--json'),
    quiet: flags.has('--quiet') || flags.has('-q'),
    verbose: flags.has('--verbose') || flags.has('-v'),
    color: !flags.has('--no-color'),
  });
}

/** Without a command, alone or with options of every command as in `neurona --lang es`, it shows its help. */
async function parse(program: Command, words: readonly string[], output: Output): Promise<void> {
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError && error.code === 'commander.help') || output.json) throw error;
    givenOptions(program, Object.entries(GLOBAL_OPTIONS));
    program.outputHelp();
  }
}

/** Runs the program with the words after its name; returns the exit code. */
export async function runProgram(words: readonly string[]): Promise<number> {
  const output = earlyOutput(words);
  const language = chosenLanguage(words, process.env);
  setLanguage(output.json ? ENGLISH : language);
  repeatOptions(languageOption(words, process.env));
  const program = createProgram({ words, output, language, beforeExit: handleInterruption(output) });
  try {
    await parse(program, words, output);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help and --version
    return reportProblem(error instanceof CommanderError ? usageProblem(error) : error, output);
  }
}
