import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** What Debian's cppcheck says of the generated C; the golden files are what `generate` writes. */

const GOLDEN = path.join(import.meta.dirname, 'golden');
const FILES = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\/tiny(_link)?\.c$/.test(name),
);
/** One at a time: rules about a whole program would see the same names twice. */
const MODELS = ['host-c/tiny.c', 'uno-sketch/src/tiny.c'];
const HEADERS = [...new Set(FILES.map((name) => path.dirname(name)))].flatMap((name) => ['-I', name]);

/** A step written for every round of a loop is of no use after the last one; the compiler leaves it out there. */
const LAST_ROUND = ['unreadVariable', 'variableScope'].map((id) => `--suppress=${id}`);
/** Functions of layers read one type of table, of which each leaves out what its layers lack. */
const ONE_TYPE = '--suppress=unusedStructMember';

function cppcheck(...args: string[]): string {
  const { status, stderr, error } = spawnSync('cppcheck', ['--quiet', '--std=c99', ...args], {
    cwd: GOLDEN,
    encoding: 'utf8',
  });
  expect({ status, error }, stderr).toEqual({ status: 0, error: undefined });
  return stderr;
}

test('cppcheck has nothing to say of model and link', () => {
  expect(FILES.length).toBeGreaterThan(8);
  const said = cppcheck(
    '--enable=warning,style,performance,portability',
    ...LAST_ROUND,
    ONE_TYPE,
    ...HEADERS,
    ...FILES,
  );
  expect(said).toBe('');
});

test('MISRA: the model departs from the rules that the documentation names, and from no others', () => {
  const said = MODELS.map((model) => cppcheck('--addon=misra', model)).join('');
  const broken = new Set(Array.from(said.matchAll(/misra-c2012-(\d+\.\d+)/g), ([, rule]) => rule));
  const page = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'boards.md'), 'utf8');
  const listed = Array.from(page.matchAll(/^\| (\d+\.\d+) /gm), ([, rule]) => rule);
  expect([...broken].sort()).toEqual([...listed].sort());
});
