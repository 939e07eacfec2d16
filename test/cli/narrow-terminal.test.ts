import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { textTable } from '../../cli/text-table.js';
import { brokenAtBlanks, wrapped } from '../../cli/wrap.js';
import { LANGUAGES } from '../../model/messages.js';
import { folderWith, POINTS_CSV, runCli, runOnTerminal } from './run-cli.js';

/** Lines on terminals that are narrower than the lines are long. */

it.each([
  [22, 'one two three four five six', '', ['one two three four', '  five six']],
  [27, 'one two three four five six', '', ['one two three four five six']],
  [Infinity, 'one two three four five six', '', ['one two three four five six']],
  [22, 'one two three four five six', 'hint: ', ['hint: one two three', '  four five six']],
  [22, '  one two three four five', '', ['  one two three four', '    five']],
  [22, 'a-word-longer-than-the-terminal-is-wide', '', ['a-word-longer-than-the-terminal-is-wide']],
  [22, 'first line\nsecond line, which is longer', '', ['first line', 'second line, which', '  is longer']],
  [22, '日本語 日本語 日本語 日本語', '', ['日本語 日本語 日本語', '  日本語']],
])('breaks at blanks to %d columns: %s', (width, text, label, lines) => {
  expect(wrapped(text, width, label)).toBe(lines.join('\n'));
});

it.each([
  ['next: neurona verify firmware iris.csv', '', ['next:', '  neurona verify firmware iris.csv']],
  [
    'on Debian: sudo apt-get install gcc-avr',
    'hint: ',
    ['hint: on Debian:', '  sudo apt-get install gcc-avr'],
  ],
  ['sudo apt-get install gcc-avr avr-libc', 'hint: ', ['hint:', '  sudo apt-get install gcc-avr avr-libc']],
  ['  avrdude  brew install avrdude', '', ['  avrdude', '    brew install avrdude']],
  ['neurona train makes a network', 'hint: ', ['hint: neurona train', '  makes a network']],
])('leaves the command in one piece: %s', (text, label, lines) => {
  expect(wrapped(text, 24, label)).toBe(lines.join('\n'));
});

it('breaks text where colours stand in it as without them', () => {
  const coloured = wrapped(
    'one \x1b[1mtwo\x1b[22m three \x1b[31mfour\x1b[39m five',
    22,
    '\x1b[31mlabel:\x1b[39m ',
  );
  expect(stripVTControlCharacters(coloured)).toBe(wrapped('one two three four five', 22, 'label: '));
  expect(brokenAtBlanks('\x1b[2mone two three\x1b[22m', 20)).toEqual(['\x1b[2mone two three\x1b[22m']);
});

const SCORES = [
  ['class', 'setosa', 'virginica', 'recall'],
  ['setosa', '50', '0', '100.0 %'],
  ['virginica', '2', '48', '96.0 %'],
];
const PROGRAMS = [
  ['this computer'],
  ['gcc', 'fine', 'compiles for this computer'],
  ['esptool', 'optional', 'uploads'],
];
const NAMES = [
  ['class', 'recall'],
  ['日本', '96.0 %'],
  ['café', '100.0 %'],
];

it.each<[string, number, string[][], ('left' | 'right')[], string[]]>([
  [
    'as it is where there is room',
    37,
    SCORES,
    ['left', 'right'],
    [
      'class      setosa  virginica   recall',
      'setosa         50          0  100.0 %',
      'virginica       2         48   96.0 %',
    ],
  ],
  [
    'with columns closer',
    36,
    SCORES,
    ['left', 'right'],
    [
      'class     setosa virginica  recall',
      'setosa        50         0 100.0 %',
      'virginica      2        48  96.0 %',
    ],
  ],
  [
    'with columns below',
    33,
    SCORES,
    ['left', 'right'],
    [
      'class      setosa  virginica',
      'setosa         50          0',
      'virginica       2         48',
      '',
      'class       recall',
      'setosa     100.0 %',
      'virginica   96.0 %',
    ],
  ],
  [
    'with a column below each where it is narrower than two',
    10,
    SCORES.map((row) => row.slice(0, 3)),
    ['left', 'right'],
    [
      'class      setosa',
      'setosa         50',
      'virginica       2',
      '',
      'class      virginica',
      'setosa             0',
      'virginica         48',
    ],
  ],
  [
    'with text broken in its column',
    45,
    PROGRAMS,
    ['left'],
    [
      'this computer',
      'gcc            fine      compiles for this',
      '                         computer',
      'esptool        optional  uploads',
    ],
  ],
  [
    'with names as wide as they look',
    80,
    NAMES,
    ['left', 'right'],
    ['class   recall', '日本    96.0 %', 'café   100.0 %'],
  ],
])('shows a table %s', (_, width, rows, sides, lines) => {
  expect(textTable(rows, sides, width)).toEqual(lines);
});

/** Before it stood what was going on. */
const ERASED = '\x1b[2K';
/** What is broken by the terminal alone: words longer than it is wide, and commands. */
const MAY_BE_LONGER = /^ *\S+$|^ +(?:\$ )?(?:neurona|git|curl|sudo) /;

it.each(LANGUAGES)('fits 60 columns in %s, but for commands', { timeout: 60_000 }, async (lang) => {
  const folder = folderWith({ 'points.csv': POINTS_CSV });
  const env = { NO_COLOR: '1' };
  const runs = [
    '',
    'train --help',
    'train missing-file.csv',
    'train points.csv --label labell',
    'train points.csv --epochs 300 --folds 3',
    'explain network.json points.csv --row 1',
    'estimate network.json',
    'estimate network.json --board uno',
    'quantize network.json',
    'evaluate network.json points.csv',
    'predict network.json points.csv',
    'generate network.json --format arduino-library --board uno -o library',
    'boards',
    'doctor',
    'verify library points.csv --on /dev/ttyNONE',
  ];
  for (const words of runs) {
    const text = await runOnTerminal(`${words} --lang ${lang}`, folder, { columns: 60, env });
    const long = text
      .split('\n')
      .map((line) => line.split(ERASED).at(-1)!)
      .filter((line) => line.length > 60 && !MAY_BE_LONGER.test(line));
    expect(long, words).toEqual([]);
  }
});

it('leaves lines of data and of scripts as they are', async () => {
  const folder = folderWith({
    'points.csv': POINTS_CSV.replaceAll('tall', 'a name of several words that is long'),
  });
  const env = { NO_COLOR: '1' };
  await runCli(['train', 'points.csv', '--epochs', '10'], folder);
  for (const words of ['completion bash', 'predict network.json points.csv --csv']) {
    const { stdout } = await runCli(words.split(' '), folder);
    expect(await runOnTerminal(words, folder, { columns: 40, env }), words).toBe(stdout);
  }
});
