import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isShown } from '../documentation/console-blocks.js';

const ROOT = path.join(import.meta.dirname, '..', '..');

test(
  'npm run demo: 150 of 150 rows, no mismatch, at least 95 %, integers within a point of floating point',
  { timeout: 120_000 },
  () => {
    const text = execFileSync('npm', ['run', '--silent', 'demo'], { cwd: ROOT, encoding: 'utf8' });
    expect(text).toContain('150 of 150 rows: class and every raw output equal, 0 mismatches');
    const [, float, integer] = /5-fold test ([\d.]+) % \(floating point\), ([\d.]+) % \(integers\)/
      .exec(text)!
      .map(Number);
    expect(float).toBeGreaterThanOrEqual(95);
    expect(integer).toBeGreaterThanOrEqual(95);
    expect(Math.abs(float - integer)).toBeLessThanOrEqual(1);
    const [, shown] = /demo prints[^]*?```\n([^]*?)\n```/.exec(
      readFileSync(path.join(ROOT, 'README.md'), 'utf8'),
    )!;
    if (!isShown(shown, text)) expect(text).toBe(shown);
    const sketch = /open +(\S+\.ino)/.exec(text)![1];
    expect(readFileSync(path.join(ROOT, sketch), 'utf8')).toContain('setup()');
  },
);
