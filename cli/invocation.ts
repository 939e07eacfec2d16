import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { shellWords } from '../model/shell-words.js';

/**
 * How this program was called, for commands to type next. npx sets these variables, and no npm script does: `npx neurona`
 * where it runs what a folder has installed, `npx --yes file:/…/neurona-0.1.0.tgz` where it was told where to get it.
 */
export function programName(env: NodeJS.ProcessEnv = process.env): string {
  const { npm_lifecycle_event: event, npm_lifecycle_script: script = '' } = env;
  return event === 'npx' && /^'?neurona\b/.test(script) ? `npx ${npxSource(env)}` : 'neurona';
}

let repeatedOptions: readonly string[] = [];

/** Sets the options of this run that commands to type next have to repeat, such as its language. */
export function repeatOptions(options: readonly string[]): void {
  repeatedOptions = options;
}

/** How a command to type next begins: `npx neurona --lang es` where that was asked for. */
export const nextProgram = (): string => [programName(), ...repeatedOptions].join(' ');

/** An example of a command line, as it can be typed here. */
export const asCalled = (example: string, program = programName()): string =>
  example.replace(/(?<=^|<\(|\| )neurona(?= )/g, program);

/** What npx installed into its cache, from whose folder of programs it then runs: by name, or from a file or an address. */
function npxSource({ PATH = '' }: NodeJS.ProcessEnv): string {
  const folder = path.resolve(PATH.split(path.delimiter)[0], '..', '..');
  const file = path.join(folder, 'package.json');
  if (path.basename(path.dirname(folder)) !== '_npx' || !existsSync(file)) return 'neurona';
  const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const source = dependencies?.neurona ?? '';
  if (!source.includes(':')) return 'neurona';
  const [, tarball] = /^file:(.*)/.exec(source) ?? [];
  if (tarball === undefined) return shellWords([source]);
  // By its full path, for commands from other folders, npx does not know it for the one that the user agreed to.
  return shellWords(['--yes', `file:${path.resolve(folder, tarball).replaceAll(path.sep, '/')}`]);
}
