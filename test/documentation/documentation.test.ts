import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { optionsOf } from '../../cli/command-spec.js';
import { COMMANDS } from '../../cli/command-table.js';
import { GLOBAL_OPTIONS } from '../../cli/global-options.js';
import { flagOf } from '../../cli/option-spec.js';
import { isShown, namedCommands, shownCommands, type ShownCommand } from './console-blocks.js';
import { runCommands } from './run-commands.js';

/** Documents keep their word: commands print what is shown of them, files and headings that they link to are there. */

const ROOT = path.join(import.meta.dirname, '..', '..');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...(readdirSync(path.join(ROOT, 'docs'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...['iris', 'lecture', 'mnist'].map((name) => `examples/${name}/README.md`),
];
const textOf = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');
/** Its commands are run by test/end-to-end/new-board.test.ts, in a package that has a new board. */
const NEW_BOARD = 'docs/how-to/add-a-board.md';

/** What has a test of its own, which reads it from the document where it can differ. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^npm (ci|test)$|^npx vitest run( test\/[\w./-]+)+$/, 'test/run.mjs'], // runs this test, too
  [/^npm run demo$/, 'test/end-to-end/demo.test.ts'],
  [/^npm (link|install \.\.\/neurona-\S+\.tgz)$/, 'test/end-to-end/package.test.ts'],
  [/^node examples\/lecture\/\S+\.mjs$/, 'test/end-to-end/lecture-experiments.test.ts'],
  [/^node examples\/mnist\/train\.mjs FOLDER$/, 'test/mnist/sixteen.test.ts'],
];
const isRunHere = ({ command }: ShownCommand): boolean =>
  !ELSEWHERE.some(([pattern]) => pattern.test(command));

/** Pages that begin with a project of an earlier one. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  'docs/how-to/read-the-report.md': [
    'neurona init flowers',
    'cd flowers',
    'neurona train iris.csv',
    'neurona generate network.json --board uno -o firmware',
  ],
};

describe('commands print what is shown, and succeed unless that is an error', () => {
  const documents = DOCUMENTS.map((name) => [name, shownCommands(textOf(name)).filter(isRunHere)] as const);
  it.each(documents.filter(([name, shown]) => shown.length > 0 && name !== NEW_BOARD))(
    '%s',
    { timeout: 120_000 },
    async (name, shown) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'neurona-documentation-'));
      const before = BEFORE[name] ?? [];
      const printed = await runCommands([...before, ...shown.map(({ command }) => command)], folder);
      rmSync(folder, { recursive: true });
      for (const [k, { command, line, output }] of shown.entries()) {
        const { text, code } = printed[before.length + k];
        const where = `${name}:${line} $ ${command}`;
        if (output !== null && !isShown(output, text))
          expect(`${where}\n${text}`).toBe(`${where}\n${output}`);
        const isError = /error: /.test(output ?? '');
        expect(`${where} ends with ${code === 0}\n${text}`).toBe(`${where} ends with ${!isError}\n${text}`);
      }
    },
  );

  it.each(ELSEWHERE)('%s are run by %s', (pattern, file) => {
    const commands = DOCUMENTS.flatMap((name) => shownCommands(textOf(name)));
    expect(commands.some(({ command }) => pattern.test(command))).toBe(true);
    expect(existsSync(path.join(ROOT, file))).toBe(true);
  });
});

/** Words of a command line; text between quotes is one. */
const wordsOf = (line: string): string[] => line.match(/'[^']*'|\S+/g) ?? [];

describe('commands that prose names exist, with their options', () => {
  it.each(DOCUMENTS.map((name) => [name, namedCommands(textOf(name))] as const))('%s', (_, lines) => {
    for (const line of lines) {
      const [name, ...words] = wordsOf(line);
      const command = COMMANDS.find((candidate) => candidate.name === name);
      if (!command) {
        expect(['COMMAND', '--version', '--help']).toContain(name);
        continue;
      }
      const options = [...optionsOf(command), ...Object.entries(GLOBAL_OPTIONS)];
      const flags = options.flatMap(([key, { form, short }]) => [
        flagOf(key),
        `-${short}`,
        ...(form === 'off' || form === 'on-off' ? [flagOf(key).replace('--', '--no-')] : []),
      ]);
      for (const flag of words.filter((word) => word.startsWith('-'))) {
        expect([...flags, '--help'], `neurona ${line}`).toContain(flag.split('=')[0]);
      }
    }
  });
});

/** As GitHub makes anchors of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.replace(/```.*?```/gs, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('links lead somewhere', () => {
  it.each(DOCUMENTS)('%s', (name) => {
    const links = [
      ...textOf(name)
        .replace(/```.*?```/gs, '')
        .matchAll(/\]\((?!https?:)([^)\s]+)\)/g),
    ];
    for (const [, link] of links) {
      const [file, anchor] = link.split('#');
      const target = file === '' ? name : path.join(path.dirname(name), file);
      expect(readdirSync(path.join(ROOT, path.dirname(target))), `${link} of ${name}`).toContain(
        path.basename(target),
      );
      if (anchor !== undefined) expect(anchorsOf(textOf(target)), `${link} of ${name}`).toContain(anchor);
    }
  });
});
