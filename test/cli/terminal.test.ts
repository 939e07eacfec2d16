import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createOutput } from '../../cli/output.js';
import { reportProblem } from '../../cli/report-problem.js';
import { folderWith, MAIN, POINTS_CSV, runOnTerminal, spawnCli, temporaryFolder } from './run-cli.js';

const folder = folderWith({ 'points.csv': POINTS_CSV });

describe('without a terminal', () => {
  it('prints plain lines: no colour, no cursor movement, no progress of a short run', async () => {
    const { stdout, stderr } = await spawnCli(
      ['train', 'points.csv', '--epochs', '300', '-o', 'plain.json'],
      folder,
    );
    for (const control of ['\x1b', '\r']) expect(stdout).not.toContain(control);
    expect(stderr).toBe('');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toContain('2 inputs');
    expect(stdout).toContain('next: neurona generate plain.json');
  });

  it('prints every epoch on stderr when asked to be verbose', async () => {
    const words = ['train', 'points.csv', '--epochs', '3', '--verbose', '-o', 'verbose.json', '--json'];
    const { stdout, stderr } = await spawnCli(words, folder);
    expect(stderr.match(/^epoch \d of 3 {2}loss \d+\.\d{4} {2}accuracy [\d.]+ %$/gm)).toHaveLength(3);
    expect(JSON.parse(stdout)).toMatchObject({ epochs: 3 });
  });

  it('prints reports in one line when asked to be quiet, and lists as they are', async () => {
    const own = folderWith({ 'points.csv': POINTS_CSV });
    const runs = [
      ['train', 'points.csv', '--epochs', '30'],
      ['quantize', 'network.json'],
      ['evaluate', 'model.json', 'points.csv'],
      ['generate', 'model.json', '--board', 'host', '-o', 'lib'],
      ['build', 'lib'],
      ['verify', 'lib', 'points.csv'],
      ['init', 'project'],
    ];
    for (const words of runs) {
      const { code, stdout, stderr } = await spawnCli([...words, '-q'], own);
      expect({ code, stderr }, words.join(' ')).toEqual({ code: 0, stderr: '' });
      expect(stdout, words.join(' ')).toMatch(/^[^\n]{10,80}\n$/);
    }
    const [quiet, usual] = await Promise.all([spawnCli(['boards', '-q'], own), spawnCli(['boards'], own)]);
    expect(quiet).toEqual(usual);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [MAIN, 'train', '--help'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('Ctrl-C', () => {
  it('ends a training at once with exit code 130, and nothing is written', { timeout: 20_000 }, async () => {
    const words = ['train', 'points.csv', '--epochs', '1000000', '--verbose', '-o', 'never.json'];
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr === '') child.kill('SIGINT');
      stderr += chunk.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(stderr).toContain('[interrupted]');
    expect(existsSync(path.join(folder, 'never.json'))).toBe(false);
  });
});

describe('a bug of ours', () => {
  it('asks to be reported, with exit code 5', () => {
    const written: string[] = [];
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0;
    try {
      const output = createOutput({ json: false, quiet: false, verbose: false, color: false });
      expect(reportProblem(new TypeError('x is not a function'), output)).toBe(5);
    } finally {
      process.stderr.write = write;
    }
    const text = written.join('');
    expect(text).toContain('TypeError: x is not a function\n    at ');
    expect(text).toContain('error: x is not a function [bug]\n');
    expect(text).toMatch(/hint: .*please report it/);
  });
});

describe('colour', () => {
  it('is used on a terminal, and not with NO_COLOR or --no-color', async () => {
    const onTerminal = (words: string, env: NodeJS.ProcessEnv): Promise<string> =>
      runOnTerminal(words, temporaryFolder(), { columns: 80, env });
    const [coloured, byVariable, byFlag] = await Promise.all([
      onTerminal('boards', {}),
      onTerminal('boards', { NO_COLOR: '1' }),
      onTerminal('boards --no-color', {}),
    ]);
    expect(coloured).toContain('\x1b[1m');
    expect(byVariable).not.toContain('\x1b[');
    expect(byFlag).toBe(byVariable);
  });
});
