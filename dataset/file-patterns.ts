import { existsSync } from 'node:fs';
import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';

/** Patterns have `/` on every system; a Windows path has `\`, which in a pattern would escape the next character. */
const withSlashes = (pattern: string): string =>
  process.platform === 'win32' ? pattern.replaceAll('\\', '/') : pattern;

async function expand(pattern: string): Promise<readonly string[]> {
  if (existsSync(pattern) || !isDynamicPattern(pattern)) return [pattern];
  const files = await glob(withSlashes(pattern), {
    absolute: path.isAbsolute(pattern),
    expandDirectories: false,
  });
  if (files.length === 0) {
    rejectData('no-files', t`no file matches ${JSON.stringify(pattern)}`, {
      hint: t`* stands for any part of a name, ** for any folders; paths are relative to the current folder`,
    });
  }
  return files.sort(); // by code units: no locale plays in
}

/**
 * The files that are meant: a name as it stands, whether or not there is such a file, and for a pattern such as
 * `data/*.csv` the files that match, in the order of their UTF-16 code units. A file whose name looks like a pattern
 * wins over the pattern. Throws a `Problem` for a pattern that nothing matches.
 */
export async function expandPatterns(patterns: readonly string[]): Promise<readonly string[]> {
  if (!Array.isArray(patterns) || patterns.length === 0) {
    rejectData('no-files', t`no files are named`, { hint: t`expected a list such as ["iris.csv"]` });
  }
  return (await Promise.all(patterns.map(expand))).flat();
}
