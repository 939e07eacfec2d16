import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { optionsOf } from '../../cli/command-spec.js';
import { COMMANDS } from '../../cli/command-table.js';
import { GLOBAL_OPTIONS } from '../../cli/global-options.js';
import { flagOf } from '../../cli/option-spec.js';
import { isShown, shownCommands, unrunCommands } from './console-blocks.js';

/** Documents keep their word: commands print what is shown of them, files and headings that they link to are there. */

const ROOT = path.join(import.meta.dirname, '..', '..');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...(readdirSync(path.join(ROOT, 'docs'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const textOf = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');
const shownIn = (name: string): ReturnType<typeof shownCommands> => shownCommands(textOf(name));

interface Printed {
  readonly text: string;
  readonly code: number;
}

/** Runs the commands of a document one after the other, in an empty folder. */
function run(commands: readonly string[]): Printed[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-documentation-'));
  try {
    const printed = execFileSync(process.execPath, [path.join(import.meta.dirname, 'shell.mjs')], {
      cwd: folder,
      input: JSON.stringify(commands),
      encoding: 'utf8',
      env: { ...process.env, LANG: 'C.UTF-8', NO_COLOR: undefined, FORCE_COLOR: undefined },
      maxBuffer: 1 << 26,
    });
    return JSON.parse(printed) as Printed[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('commands print what is shown', () => {
  it.each(DOCUMENTS.filter((name) => shownIn(name).length > 0))('%s', { timeout: 120_000 }, (name) => {
    const shown = shownIn(name);
    const printed = run(shown.map(({ command }) => command));
    for (const [k, { command, line, output }] of shown.entries()) {
      const { text, code } = printed[k];
      const where = `${name}:${line} $ ${command}`;
      if (!isShown(output, text)) expect(`${where}\n${text}`).toBe(`${where}\n${output}`);
      expect(`${where} ends with ${code === 0}`).toBe(`${where} ends with ${!/error: /.test(output)}`);
    }
  });
});

/** Words of a command line; text between quotes is one. */
const wordsOf = (line: string): string[] => line.match(/'[^']*'|\S+/g) ?? [];

describe('commands that are shown without their output exist, with their options', () => {
  it.each(DOCUMENTS.map((name) => [name, unrunCommands(textOf(name))] as const))('%s', (_, lines) => {
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
