import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const MAIN = path.join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');
const run = promisify(execFile);

/** Runs a command that must succeed, with --json; resolves to its object. */
export async function runJson(cwd: string, ...words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(process.execPath, [MAIN, ...words, '--json'], { cwd, maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Record<string, unknown>;
}
