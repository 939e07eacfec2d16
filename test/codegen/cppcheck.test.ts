import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** What Debian's cppcheck says of the generated C; the golden files are what `generate` writes. */

const GOLDEN = path.join(import.meta.dirname, 'golden');
const FILES = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\/tiny(_link)?\.c$/.test(name),
);
const HEADERS = [...new Set(FILES.map((name) => path.dirname(name)))].flatMap((name) => ['-I', name]);

/** A step written for every round of a loop is of no use after the last one; the compiler leaves it out there. */
const LAST_ROUND = ['unreadVariable', 'variableScope'].map((id) => `--suppress=${id}`);

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
    ...HEADERS,
    ...FILES,
  );
  expect(said).toBe('');
});

/** By core and kind, what between them takes every kernel that C sees in another way. */
const CASES: readonly (readonly [board: string, QuantizedModel, constantTime?: boolean])[] = [
  ['host', tinyModel()],
  ['uno', tinyRegression()],
  ['uno', benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3 }), true],
  ['uno', benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3 }, 4)],
  ['esp32-c3', benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3, activation: 'sigmoid' })],
  ['nano33ble', benchModel({ name: 'm', widths: [4, 8, 3], zeros: 0 })],
];
/** Inline assembly is an extension, which the addon passes over. */
const UNSEEN = '1.2';

test('MISRA: the model departs from the rules that its header and the documentation name, and from no others', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-misra-'));
  try {
    const headers = new Set<string>();
    const said = CASES.map(([board, model, constantTime], k) => {
      const { directory } = makeFirmware(folder, `m${k}`, model, board, 'c', 'm', constantTime);
      headers.add(/MISRA[^]*?\*\//.exec(readFileSync(path.join(directory, 'm.h'), 'utf8'))![0]);
      return cppcheck('--addon=misra', path.join(directory, 'm.c'));
    }).join('');
    const broken = Array.from(said.matchAll(/misra-c2012-(\d+\.\d+)/g), ([, rule]) => rule);
    const expected = [...new Set([...broken, UNSEEN])].sort();
    const page = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'boards.md'), 'utf8');
    expect(Array.from(page.matchAll(/^\| (\d+\.\d+) /gm), ([, rule]) => rule).sort()).toEqual(expected);
    expect([...headers].map((header) => header.match(/\b\d+\.\d+/g)!.sort())).toEqual([expected]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);
