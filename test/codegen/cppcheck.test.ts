import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { makeFirmware } from '../support/firmware.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** What Debian's cppcheck says of the generated C. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-cppcheck-'));
afterAll(() => rmSync(folder, { recursive: true }));

function cppcheck(...args: string[]): string {
  const { status, stderr, error } = spawnSync('cppcheck', ['--quiet', '--std=c99', ...args], {
    encoding: 'utf8',
  });
  expect({ status, error }, stderr).toEqual({ status: 0, error: undefined });
  return stderr;
}

/** By core and kind, what between them takes every kernel that C sees in another way. */
const CASES: readonly (readonly [board: string, QuantizedModel, constantTime?: boolean])[] = [
  ['host', tinyModel()],
  ['uno', tinyRegression()],
  ['uno', benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3 }), true],
  ['uno', benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3 }, 4)],
  ['esp32-c3', benchModel({ name: 'm', widths: [17, 23, 11, 12], zeros: 0.3, activation: 'sigmoid' })],
  ['nano33ble', benchModel({ name: 'm', widths: [4, 8, 3], zeros: 0 })],
];
const projects = CASES.map(
  ([board, model, constantTime], k) =>
    makeFirmware(folder, `m${k}`, model, board, 'c', 'm', constantTime).directory,
);

test('cppcheck has nothing to say of model, link and programs, and nothing is kept from it', () => {
  for (const directory of projects) {
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.c'),
    );
    expect(files.length).toBe(5);
    const paths = files.map((name) => path.join(directory, name));
    const said = cppcheck('--enable=warning,style,performance,portability', '-I', directory, ...paths);
    expect(said, directory).toBe('');
  }
});
/** Inline assembly is an extension, which the addon passes over. */
const UNSEEN = '1.2';

test('MISRA: the model departs from the rules that its header and the documentation name, and from no others', () => {
  const headers = new Set<string>();
  const said = projects
    .map((directory) => {
      headers.add(/MISRA[^]*?\*\//.exec(readFileSync(path.join(directory, 'm.h'), 'utf8'))![0]);
      return cppcheck('--addon=misra', path.join(directory, 'm.c'));
    })
    .join('');
  const broken = Array.from(said.matchAll(/misra-c2012-(\d+\.\d+)/g), ([, rule]) => rule);
  const expected = [...new Set([...broken, UNSEEN])].sort();
  const page = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'boards.md'), 'utf8');
  expect(Array.from(page.matchAll(/^\| (\d+\.\d+) /gm), ([, rule]) => rule).sort()).toEqual(expected);
  expect([...headers].map((header) => header.match(/\b\d+\.\d+/g)!.sort())).toEqual([expected]);
}, 180_000);
