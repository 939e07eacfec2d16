import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** docs/architecture.md, enforced: what each folder may import of ours, and where each package may be used. */

const ROOT = path.join(import.meta.dirname, '..');

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  dataset: ['model'],
  trainer: ['model', 'dataset'],
  codegen: ['model'],
  harness: ['model'],
  cli: ['model', 'dataset', 'trainer', 'codegen', 'harness'],
};

const ONLY_IN: Readonly<Record<string, RegExp>> = {
  commander: /^cli\//,
  picocolors: /^cli\//,
  '@observablehq/plot': /^cli\/report\/plot\.ts$/,
  linkedom: /^cli\/report\/plot\.ts$/,
  handlebars: /^codegen\/render\.ts$/,
  'csv-parse': /^dataset\/[a-z-]+\.ts$/,
  avr8js: /^harness\/avr-chip\.ts$/,
  '@serialport/bindings-interface': /^harness\/binding\.ts$/,
  'nrf-intel-hex': /^harness\/avr-chip\.ts$/,
  '@serialport/bindings-cpp': /^harness\/serial-port\.ts$/,
};

const files = Object.keys(MAY_IMPORT).flatMap((folder) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll(path.sep, '/')}`),
);

test.each(files)('%s imports only what its folder may', (file) => {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    if (specifier.startsWith('.')) {
      const target = path.posix.join(path.posix.dirname(file), specifier).split('/')[0];
      const own = file.split('/')[0];
      if (target !== own) expect(MAY_IMPORT[own], `${file} imports ${specifier}`).toContain(target);
    }
    for (const [name, place] of Object.entries(ONLY_IN)) {
      if (specifier === name || specifier.startsWith(`${name}/`)) expect(file, specifier).toMatch(place);
    }
  }
});

test('templates hold no logic of another language, and only templates lie there', () => {
  const names = readdirSync(path.join(ROOT, 'firmware-templates'), { recursive: true, withFileTypes: true });
  for (const entry of names) if (entry.isFile()) expect(entry.name).toMatch(/\.hbs$/);
});

test('folders above a folder are made by model/make-folder.ts alone, as Node may try for ever', () => {
  const others = files.filter((file) =>
    /mkdir(Sync)?\([^;]*recursive/.test(readFileSync(path.join(ROOT, file), 'utf8')),
  );
  expect(others).toEqual([]);
});
