import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';

/**
 * Takes into a file of dist the packages that it alone uses and that bring dozens of others: a user's npm then fetches a
 * third of the packages. Their licences go into dist/third-party-licenses.txt.
 */

const ROOT = path.join(import.meta.dirname, '..');
const DIST = path.join(ROOT, 'dist');

const FILE = 'cli/report/plot.js';
const PACKAGES = ['@observablehq/plot', 'linkedom'];

const manifest = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** Where `folder` finds a package that it depends on. */
function resolve(folder, name) {
  const found = path.join(folder, 'node_modules', name);
  return existsSync(found) ? found : resolve(path.dirname(folder), name);
}

/** All that a package depends on too: some publish their dependencies inside their own files. */
function withDependencies(folder, found = new Set()) {
  if (found.has(folder)) return found;
  found.add(folder);
  for (const name of Object.keys(manifest(folder).dependencies ?? {})) {
    withDependencies(resolve(folder, name), found);
  }
  return found;
}

function notice(folder) {
  const { name, version, license } = manifest(folder);
  const texts = readdirSync(folder).filter((file) => /^(licen[sc]e|copying|notice)/i.test(file));
  if (texts.length === 0) throw new Error(`${name} has no licence that could be passed on with it`);
  const text = texts.map((file) => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n');
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const input = path.join(DIST, FILE);
const bundled = await rolldown({
  input,
  cwd: ROOT,
  platform: 'node',
  external: (id, importer) => importer === input && id.startsWith('.'),
});
await bundled.write({ file: input });
await bundled.close();
const folders = new Set(PACKAGES.flatMap((name) => [...withDependencies(resolve(ROOT, name))]));
writeFileSync(
  path.join(DIST, 'third-party-licenses.txt'),
  `${FILE} has parts of these packages in it:\n\n${[...folders]
    .sort()
    .map(notice)
    .join(`\n${'-'.repeat(80)}\n\n`)}`,
);
