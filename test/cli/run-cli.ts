import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { runInProcess } from './in-process.js';

/** Runs the built program. */

export const MAIN = path.join(PACKAGE_ROOT, 'dist', 'cli', 'main.js');
const PROGRAM = path.join(path.dirname(MAIN), 'program.js');
export const IRIS = path.join(PACKAGE_ROOT, 'examples', 'iris', 'iris.csv');

/** What takes longer hangs: its code is then null. */
const DEADLINE_MILLISECONDS = 20_000;

/** No colours and no language of whoever runs the tests. */
const PLAIN = {
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
  LC_ALL: undefined,
  LC_MESSAGES: undefined,
  LANG: 'C',
};

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program in a folder of its own, with no terminal. */
export function runCli(words: readonly string[], folder: string, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: npm run build`);
  return runInProcess(PROGRAM, words, {
    folder,
    env: { ...PLAIN, ...env },
    deadlineMilliseconds: DEADLINE_MILLISECONDS,
  });
}

/** Runs the program as a user would: in a process and a folder of its own, with no terminal. */
export function spawnCli(
  words: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Run> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build`);
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { ...process.env, ...PLAIN, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the program on a terminal of its own; what it shows there, both streams. */
export function runOnTerminal(
  words: string,
  folder: string,
  { columns, env }: { readonly columns: number; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const command = `stty cols ${columns}; ${process.execPath} ${MAIN} ${words}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, ...PLAIN, TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: DEADLINE_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(text.replaceAll('\r\n', '\n')));
  });
}

/** Runs with --json and parses what must be the one object on stdout. */
export async function runJson(
  words: readonly string[],
  folder: string,
): Promise<{ code: number | null; stderr: string; object: Record<string, unknown> }> {
  const { code, stdout, stderr } = await runCli([...words, '--json'], folder);
  if (code === null)
    throw new Error(`neurona ${words.join(' ')} was stopped after ${DEADLINE_MILLISECONDS} ms`);
  return { code, stderr, object: JSON.parse(stdout) as Record<string, unknown> };
}

export interface ErrorFields {
  readonly code: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly hint: string | null;
}

/** Runs with --json what must fail; gives the exit code and the fields of the error. */
export async function runFailing(
  words: readonly string[],
  folder: string,
): Promise<{ exit: number | null; error: ErrorFields }> {
  const { code, object } = await runJson(words, folder);
  if (!object.error) throw new Error(`neurona ${words.join(' ')} did not fail: ${JSON.stringify(object)}`);
  return { exit: code, error: object.error as ErrorFields };
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'neurona-cli-'));
}

/** A folder that holds the given files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

export const readIn = (folder: string, name: string): string => readFileSync(path.join(folder, name), 'utf8');

/** Two features and two classes that a line tells apart; trains in milliseconds. */
export const POINTS_CSV = `width,height,kind\n${Array.from({ length: 40 }, (_, i) => {
  const width = (7 * i) % 19; // no column counts the rows
  return i % 2 === 0 ? `${width},${40 - width},flat` : `${width},${60 - width},tall`;
}).join('\n')}\n`;
