import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../model/package-root.js';

/** What users install with neurona may be used, changed and passed on, and is the very code that was locked. */

const PERMISSIVE = ['MIT', 'ISC', 'BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense'];

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const read = (name: string): string => readFileSync(path.join(PACKAGE_ROOT, name), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
const installed = Object.entries(packages).filter(
  ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional,
);

test.each(installed)('%s', (_, { license, integrity }) => {
  expect(PERMISSIVE).toContain(license);
  expect(integrity).toMatch(/^sha512-/);
});

/** Name, version and licence above each text, as `scripts/bundle.mjs` writes them. */
const passedOn = [
  ...read('dist/third-party-licenses.txt').matchAll(/^([@\w/.-]+) (\d+\.\d+\.\d+\S*) \((.+)\)$/gm),
].map(([, name, version, license]) => ({ name, version, license }));

test.each(passedOn)('$name $version, of which dist has parts', ({ name, version, license }) => {
  expect(PERMISSIVE).toContain(license);
  const locked = Object.entries(packages).find(
    ([folder, { version: its }]) => folder.endsWith(`node_modules/${name}`) && its === version,
  );
  expect(locked?.[1]).toMatchObject({ license, integrity: expect.stringMatching(/^sha512-/) as string });
});

const programs = readdirSync(path.join(PACKAGE_ROOT, 'dist'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.js'))
  .map((name) => read(path.join('dist', name)));

test('dist has the licence of each package whose files are in its own', () => {
  const names = programs.flatMap((code) =>
    [...code.matchAll(/^\/\/(?:#region)? ?\S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/gm)].map(
      ([, name]) => name,
    ),
  );
  expect(new Set(names).size).toBeGreaterThan(20);
  expect(passedOn.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

test('dist imports no package but those that npm installs with it', () => {
  const names = programs.flatMap((code) =>
    [...code.matchAll(/^(?! \*).*\b(?:from|import)\s*\(?['"]([@a-z][^'"\s]*)['"]/gm)].map(([, name]) => name),
  );
  const packageNames = names.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0]);
  expect(names).toContain('zod');
  expect(packageNames.filter((name) => !isBuiltin(name) && !(name in dependencies))).toEqual([]);
});
