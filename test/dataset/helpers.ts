import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset, type LoadOptions } from '../../dataset/load.js';

export { problemOf } from '../support/problem-of.js';

/** A file in a temporary folder of its own. */
export function temporaryFile(name: string, content: string | Uint8Array): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'neurona-dataset-')), name);
  writeFileSync(file, content);
  return file;
}

export function load(content: string | Uint8Array, options: LoadOptions = {}): Promise<Dataset> {
  return loadDataset([temporaryFile('data.csv', content)], options);
}

export function sharedData(name: string): string {
  const file = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
  if (!existsSync(file)) throw new Error(`this test needs ${file}`);
  return file;
}
