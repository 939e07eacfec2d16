import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export const MAIN = path.join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');
const run = promisify(execFile);

/** Runs a command that must succeed, with --json; resolves to its object. */
export async function runJson(cwd: string, ...words: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(process.execPath, [MAIN, ...words, '--json'], { cwd, maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Every byte below a folder, by path. */
export function contents(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(directory, file), readFileSync(file, 'latin1')];
    }),
  );
}
