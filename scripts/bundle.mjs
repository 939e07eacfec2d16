import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';

/**
 * Takes into dist the packages that one file of ours uses and that bring dozens of others: a user's npm then fetches a
 * quarter of the packages. Their licences go into dist/third-party-licenses.txt.
 */

const ROOT = path.join(import.meta.dirname, '..');
const DIST = path.join(ROOT, 'dist');

/** Which packages go into which file of dist. */
const BUNDLED = {
  'cli/report/plot.js': ['@observablehq/plot', 'linkedom'],
  'codegen/render.js': ['handlebars'],
};

async function bundle(file) {
  const input = path.join(DIST, file);
  const bundled = await rolldown({
    input,
    cwd: ROOT,
    platform: 'node',
    external: (id, importer) => importer === input && id.startsWith('.'),
  });
  await bundled.write({ file: input });
  await bundled.close();
}

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

await Promise.all(Object.keys(BUNDLED).map(bundle));
const packages = Object.values(BUNDLED).flat();
const folders = new Set(packages.flatMap((name) => [...withDependencies(resolve(ROOT, name))]));
writeFileSync(
  path.join(DIST, 'third-party-licenses.txt'),
  `${Object.keys(BUNDLED).join(' and ')} have parts of these packages in them:\n\n${[...folders]
    .sort()
    .map(notice)
    .join(`\n${'-'.repeat(80)}\n\n`)}`,
);
