import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/command-table.js';
import { TOOL_VERSION } from '../../model/package-root.js';
import { say } from '../../model/messages.js';
import { folderWith, POINTS_CSV, runCli, runFailing } from './run-cli.js';

const folder = folderWith({ 'points.csv': POINTS_CSV });

describe('wrong command lines', () => {
  it.each<[string, string[], string, string, string]>([
    ['a command that does not exist', ['tain', 'x.csv'], 'unknown-command', "'tain'", 'train'],
    ['a mistyped option', ['train', 'points.csv', '--epoch', '3'], 'unknown-option', "'--epoch'", '--epochs'],
    ['a mistyped global option', ['boards', '--jso'], 'unknown-option', "'--jso'", '--json'],
    ['a missing argument', ['train'], 'missing-argument', "'data'", '--help'],
    ['a missing second argument', ['evaluate', 'model.json'], 'missing-argument', "'data'", '--help'],
    ['a missing value', ['train', 'points.csv', '--epochs'], 'missing-value', '--epochs', '--help'],
    ['too many arguments', ['boards', 'uno'], 'too-many-arguments', 'boards', '--help'],
    [
      'a missing option',
      ['generate', 'model.json', '--board', 'uno'],
      'missing-option',
      '--out',
      '-o firmware',
    ],
    ['a number that is none', ['train', 'points.csv', '--epochs', '1x'], 'bad-value', '--epochs is "1x"', ''],
    ['a number out of range', ['train', 'points.csv', '--epochs', '0'], 'bad-value', '1..1000000', ''],
    ['a fraction', ['train', 'points.csv', '--seed', '1.5'], 'bad-value', '--seed is "1.5"', ''],
    ['a mistyped choice', ['train', 'points.csv', '--activation', 'rleu'], 'bad-value', 'rleu', 'relu'],
    ['empty layers', ['train', 'points.csv', '--hidden', '4,,2'], 'bad-value', '--hidden is "4,,2"', ''],
    [
      'options that contradict each other',
      ['train', 'points.csv', '--test', 'points.csv', '--test-split', '0.1'],
      'conflicting-options',
      '--test and --test-split',
      'only one',
    ],
    [
      'a mistyped device',
      ['verify', 'firmware', 'points.csv', '--on', 'simulater'],
      'unknown-device',
      '"simulater"',
      'did you mean "simulator"?',
    ],
    ['quiet and verbose', ['boards', '-q', '-v'], 'conflicting-options', '--quiet and --verbose', 'only one'],
    [
      'a network that contradicts itself',
      ['train', 'points.csv', '--output', 'softmax', '--outputs', '1'],
      'contradiction',
      'outputs 1',
      'sigmoid',
    ],
    [
      'a limit without data to measure',
      ['quantize', 'network.json', '--max-drop', '1'],
      'missing-option',
      '--max-drop needs --data',
      '--data',
    ],
    [
      'a board that does not exist',
      ['generate', 'x.json', '--board', 'pentium', '-o', 'out'],
      'unknown-board',
      'uno',
      'neurona boards',
    ],
    [
      'a processor for a board',
      ['generate', 'x.json', '--board', 'Cortex-M4', '-o', 'out'],
      'unknown-board',
      'Cortex-M4',
      'that is the processor of giga, nano33ble, portenta-h7, uno-r4-minima, uno-r4-wifi',
    ],
    [
      'a misspelt board',
      ['generate', 'x.json', '--board', 'unp', '-o', 'out'],
      'unknown-board',
      'mega',
      'did you mean "uno"?',
    ],
  ])('%s', async (_, words, code, message, hint) => {
    const { exit, error } = await runFailing(words, folder);
    expect(exit).toBe(2);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.hint ?? '').toContain(hint);
    expect(Object.keys(error)).toEqual(['code', 'message', 'file', 'line', 'column', 'hint']);
  });

  it('print one line of error and one of hint for people', async () => {
    const { code, stdout, stderr } = await runCli(['train', '--epoch', '3'], folder);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe("error: unknown option '--epoch' [unknown-option]\nhint: did you mean --epochs?\n");
  });
});

describe('help', () => {
  it.each(COMMANDS.map((command) => [command.name, command] as const))('%s', async (name, command) => {
    const { code, stdout, stderr } = await runCli([name, '--help'], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: neurona ${name}`);
    expect(stdout).toContain(`$ ${command.examples[0]}`);
    for (const heading of Object.keys(command.groups)) expect(stdout).toContain(heading);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('lists every command, also where none is given', async () => {
    const [asked, bare] = await Promise.all([runCli(['--help'], folder), runCli([], folder)]);
    expect(asked).toEqual(bare);
    expect(asked.code).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(asked.stdout).toContain(name);
      expect(asked.stdout).toContain(say(summary));
    }
    for (const line of asked.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('tells the version', async () => {
    expect((await runCli(['--version'], folder)).stdout).toBe(`${TOOL_VERSION}\n`);
  });
});

describe('no command', () => {
  it.each<[string[], string]>([
    [[], 'Usage: neurona'],
    [['--lang', 'es'], 'Uso: neurona'],
    [['--lang=es', '--no-color'], 'Uso: neurona'],
    [['--quiet'], 'Usage: neurona'],
  ])('shows the help: %j', async (words, usage) => {
    const { code, stdout, stderr } = await runCli(words, folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(usage);
  });

  it.each<[string[], string]>([
    [['--lang', 'xx'], 'bad-value'],
    [['--json'], 'missing-command'],
  ])('is an error: %j', async (words, code) => {
    const failed = await runCli(words, folder);
    expect(failed).toMatchObject({ code: 2 });
    expect(failed.stdout + failed.stderr).toContain(code);
  });
});
