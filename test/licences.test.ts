import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../model/package-root.js';

/** What users install with neurona may be used, changed and passed on, and is the very code that was locked. */

const PERMISSIVE = ['MIT', 'ISC', 'BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense'];

interface Locked {
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const { packages } = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const installed = Object.entries(packages).filter(
  ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional,
);

test.each(installed)('%s', (_, { license, integrity }) => {
  expect(PERMISSIVE).toContain(license);
  expect(integrity).toMatch(/^sha512-/);
});
