import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { contents, runJson } from './neurona.js';

const ROOT = path.join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-determinism-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function make(place: string, seed: string): Promise<Record<string, string>> {
  const work = path.join(folder, place);
  mkdirSync(work, { recursive: true });
  const data = path.relative(work, path.join(ROOT, 'examples', 'iris', 'iris.csv'));
  await runJson(work, 'train', data, '-o', 'network.json', '--seed', seed, '--activation', 'tanh');
  await runJson(work, 'quantize', 'network.json', '-o', 'model.json');
  await runJson(work, 'generate', 'model.json', '--board', 'uno', '-o', 'iris');
  return contents(work);
}

test(
  'same seed, same data: the same bytes of network, model and firmware, wherever they are made',
  { timeout: 60_000 },
  async () => {
    const first = await make('one', '7');
    expect(Object.keys(first).length).toBeGreaterThan(8);
    expect(await make('another/deeper', '7')).toEqual(first);
    expect((await make('three', '8'))['network.json']).not.toBe(first['network.json']);
  },
);
