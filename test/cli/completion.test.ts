import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { COMMANDS } from '../../cli/command-table.js';
import { bashCompletion } from '../../cli/completion/bash.js';
import { fishCompletion } from '../../cli/completion/fish.js';
import { powershellCompletion } from '../../cli/completion/powershell.js';
import { vocabularyOf } from '../../cli/completion/vocabulary.js';
import { zshCompletion } from '../../cli/completion/zsh.js';
import { allBoards } from '../../model/board.js';
import { inLanguage, LANGUAGES } from '../../model/messages.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { runCli } from './run-cli.js';

/** What real shells offer after a line that ends where the cursor stands. */

const vocabulary = vocabularyOf(COMMANDS);
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-completion-'));
const file = (name: string): string => path.join(folder, name);

beforeAll(() => {
  writeFileSync(file('neurona.bash'), bashCompletion(vocabulary));
  writeFileSync(file('neurona.zsh'), zshCompletion(vocabulary));
  writeFileSync(file('neurona.fish'), fishCompletion(vocabulary));
  writeFileSync(file('network.json'), '');
  writeFileSync(file('my readings.csv'), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

const run = (program: string, ...words: string[]): string =>
  execFileSync(program, words, { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } });

/** One bash for all lines, of npx too: each line's offers in a line of the output. `former`: what was set before. */
function bash(lines: readonly string[], program = 'neurona', former = ''): string[][] {
  const tests = lines.map((line) => {
    const words = `${program} ${line}`.split(' ').map((word) => `'${word}'`);
    const completion = program === 'neurona' ? '_neurona' : '_neurona_npx npx';
    return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; COMPREPLY=(); ${completion}; echo "\${COMPREPLY[*]}"`;
  });
  return wordsOf(
    run('bash', '-c', `${former}\nsource neurona.bash; source neurona.bash; ${tests.join('; ')}`),
  );
}

function fish(lines: readonly string[], program = 'neurona'): string[][] {
  const tests = lines.map((line) => `echo (complete -C '${program} ${line}' | string split -f1 \\t)`);
  return wordsOf(run('fish', '--no-config', '-c', `source neurona.fish; ${tests.join('; ')}`));
}

/** The words of each line, the last of which ends too. */
const wordsOf = (output: string): string[][] =>
  output
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split(' ').filter(Boolean));

const flagsOf = (name: string): string[] =>
  vocabulary.commands.find((command) => command.name === name)?.options.map(({ flag }) => flag) ?? [];

/** A line, and what must be offered for its last word, among whatever else. */
const OFFERS: readonly (readonly [line: string, offered: readonly string[], refused: readonly string[]])[] = [
  ['', COMMANDS.map(({ name }) => name), ['--hidden']],
  ['tr', ['train'], ['verify']],
  ['train --optimizer ', ['sgd', 'adam'], ['train', '--hidden']],
  ['train --optimizer ad', ['adam'], ['sgd']],
  ['train --lea', ['--learning-rate'], ['--hidden']],
  ['--seed 3 quantize --accum', ['--accumulator'], []],
  [
    'generate --board u',
    allBoards()
      .map(({ id }) => id)
      .filter((id) => id.startsWith('u')),
    ['pico'],
  ],
  ['train --lang ', ['en', 'es'], ['train']],
  ['verify firmware --on ', ['simulator', 'qemu', 'host'], ['uno']],
  ['--lang ', ['en', 'es'], ['train']],
  ['help tr', ['train'], []],
  ['completion ', ['bash', 'zsh', 'fish', 'powershell'], []],
  ...COMMANDS.map(({ name }) => [`${name} --`, [...flagsOf(name), '--json', '--help'], []] as const),
];

describe.each([
  ['bash', bash],
  ['fish', fish],
])('%s', (_, complete) => {
  it.each(['neurona', 'npx neurona'])(
    'of %s offers commands, options, and the words that they take',
    (program) => {
      const all = complete(
        OFFERS.map(([line]) => line),
        program,
      );
      expect(all).toHaveLength(OFFERS.length);
      OFFERS.forEach(([line, offered, refused], k) => {
        expect(all[k], line).toEqual(expect.arrayContaining([...offered]));
        for (const word of refused) expect(all[k], line).not.toContain(word);
      });
    },
  );
});

it('takes a value behind = in bash, which makes three words of it, and in fish', () => {
  const split = ['train --optimizer = ad', 'train --optimizer =', '--lang = es tr', '--seed = 3 train --out'];
  const [half, none, command, flag] = bash(split);
  expect({ half, command }).toEqual({ half: ['adam', 'adamw'], command: ['train'] });
  expect(none).toContain('sgd');
  expect(flag).toContain('--outputs');
  expect(fish(['train --optimizer=rm', '--lang=es tr'])).toEqual([['--optimizer=rmsprop'], ['train']]);
});

it('leaves files to the shell where a file follows', () => {
  expect(bash(['evaluate --label x netw', 'train -o '])).toEqual([[], []]);
  expect(fish(['evaluate netw', 'train -o netw'])).toEqual([['network.json'], ['network.json']]);
});

it('offers neurona to npx, and leaves what else npx runs to the completion that it had', () => {
  expect(bash(['neur', 'other tr'], 'npx')).toEqual([['neurona'], []]);
  const [first, other] = fish(['neur', 'other netw'], 'npx');
  expect(first).toContain('neurona');
  expect(other).toEqual(['network.json']);
  const former = '_former() { COMPREPLY=("$1-former"); }\ncomplete -F _former npx';
  expect(bash(['neur', 'other tr', 'neurona tr'], 'npx', former)).toEqual([
    ['npx-former'],
    ['npx-former'],
    ['train'],
  ]);
});

it('is accepted by zsh, which offers every option of a command', () => {
  run('zsh', '-n', 'neurona.zsh');
  const stubs =
    'compdef() {}; _arguments() { print -l -- "$@"; state=argument; if [[ $words[1] == neurona ]] shift words }';
  const lines = run('zsh', '-fc', `${stubs}; source ./neurona.zsh; words=(train); _neurona`);
  for (const flag of flagsOf('train')) expect(lines).toMatch(new RegExp(`\\)${flag}=?\\[`));
  const within = run(
    'zsh',
    '-fc',
    `${stubs}; typeset -A _comps=(npx _former); _former() { print former $words }; source ./neurona.zsh
     words=(npx neurona train); CURRENT=3; _neurona_npx; words=(npx other); _neurona_npx`,
  );
  expect(within).toContain(`)${flagsOf('train')[0]}=[`);
  expect(within).toContain('\nformer npx other\n');
});

/** A line typed into a zsh that waits for it, and the line that Tab makes of it. */
const TYPED: readonly (readonly [typed: string, completed: string])[] = [
  ['neurona tra', 'neurona train '],
  ['neurona --lang es tra', 'neurona --lang es train '],
  ['neurona train --learn', 'neurona train --learning-rate='],
  ['neurona train --optimizer ne', 'neurona train --optimizer nesterov '],
  ['neurona train --optimizer=ne', 'neurona train --optimizer=nesterov '],
  ['neurona generate network.json --board=le', 'neurona generate network.json --board=leonardo '],
  ['neurona verify firmware --on si', 'neurona verify firmware --on simulator '],
  ['neurona verify firmware --on /dev/nul', 'neurona verify firmware --on /dev/null '],
  ['neurona monitor --port=/dev/nul', 'neurona monitor --port=/dev/null '],
  ['neurona train my', 'neurona train my\\ readings.csv '],
  ['neurona train -o netw', 'neurona train -o network.json '],
  ['npx neurona gen', 'npx neurona generate '],
];

it('completes what is typed into zsh', { timeout: 30_000 }, async () => {
  const PROMPT = 'type> ';
  const setUp = `autoload -U compinit; compinit -u -D; source ./neurona.zsh
    keep() { print -r -- "$BUFFER" >> typed; BUFFER=''; zle accept-line }; zle -N keep; bindkey '^X' keep
    PROMPT='type''> '`;
  // Only once it prompts does zsh read keys by itself.
  const lines = [
    `${setUp.replaceAll(/\n\s*/g, '; ')}\n`,
    ...TYPED.map(([typed]) => `${typed}\t\x18`),
    'exit\n',
  ];
  const zsh = spawn('script', ['-qec', `stty cols 200; PROMPT='${PROMPT}' exec zsh -f`, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, HOME: folder, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let sent = 0;
  let shown = '';
  zsh.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (shown.split(PROMPT).length > sent + 1 && sent < lines.length) zsh.stdin.write(lines[sent++]);
  });
  await new Promise((resolve) => zsh.on('close', resolve));
  const kept = readFileSync(file('typed'), 'utf8').replace(/\n$/, '').split('\n');
  expect(kept).toEqual(TYPED.map(([, completed]) => completed));
});

it.each(LANGUAGES)('is PowerShell, by its grammar, in %s', async (language) => {
  await Parser.init();
  const grammar = path.join(
    PACKAGE_ROOT,
    'node_modules',
    'tree-sitter-powershell',
    'tree-sitter-powershell.wasm',
  );
  const parser = new Parser().setLanguage(await Language.load(grammar));
  const script = inLanguage(language, () => powershellCompletion(vocabularyOf(COMMANDS)));
  expect(parser.parse(script)!.rootNode.hasError).toBe(false);
  expect(parser.parse(script.replace('{', '('))!.rootNode.hasError).toBe(true);
  // Keys of its tables differ in more than their case.
  for (const [, table] of script.matchAll(/values = @\{(.*?)\} \}/g)) {
    const keys = [...table.matchAll(/'([^']*)' = /g)].map(([, key]) => key.toLowerCase());
    expect(new Set(keys).size).toBe(keys.length);
  }
});

it('names every option to PowerShell', () => {
  const script = powershellCompletion(vocabulary);
  for (const command of COMMANDS) {
    expect(script).toContain(`'${command.name}' = @{`);
    for (const flag of flagsOf(command.name)) expect(script).toContain(`'${flag}'`);
  }
});

it('is written by the command, which refuses other shells', async () => {
  const { stdout } = await runCli(['completion', 'bash'], folder);
  expect(stdout).toBe(bashCompletion(vocabulary));
  const { code, stderr } = await runCli(['completion', 'fisch'], folder);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('fish') as string });
});
