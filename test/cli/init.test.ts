import { realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { starterFiles } from '../../cli/starter/project.js';
import { TEMPLATE_NAMES, TEMPLATES } from '../../cli/starter/templates.js';
import { readIn, runFailing, runJson, temporaryFolder } from './run-cli.js';

/** Starter projects: each trains as its own README says, and well. */

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const schemaOf = (project: string): z.ZodType =>
  z.fromJSONSchema(JSON.parse(readIn(project, 'neurona.schema.json')) as z.core.JSONSchema.JSONSchema);

it.each(TEMPLATE_NAMES)('%s has a valid configuration, and trains well with it', async (name) => {
  const { object } = await runJson(['init', name, '--template', name], folder);
  expect(object).toMatchObject({ directory: name, template: name });
  const project = path.join(folder, name);
  const config: unknown = JSON.parse(readIn(project, 'neurona.config.json'));
  expect(schemaOf(project).safeParse(config).success).toBe(true);
  const readme = readIn(project, 'README.md');
  const { data, rows } = TEMPLATES[name];
  expect(readme).toContain(`\n    neurona train ${data}\n`);
  for (const line of readme.split('\n'))
    if (!line.includes('curl')) expect(line.length).toBeLessThanOrEqual(80);
  if (rows === null) {
    expect(readme).toMatch(/^ {4}curl -L --remote-name-all "https:\S+\.gz"$/m);
    const { error } = await runFailing(['train', data], project);
    const curl = /^ {4}(curl .*)$/m.exec(readme)?.[1];
    expect(error).toMatchObject({ file: data, code: 'cannot-read' });
    expect(error.hint).toContain(`in the folder ${realpathSync(project)} run: ${curl}`);
    return;
  }
  const trained = await runJson(['train', data], project);
  expect(trained.code, trained.stderr).toBe(0);
  const { quantizedAccuracy, quantizedScores } = trained.object as {
    quantizedAccuracy?: { train: number };
    quantizedScores?: { test: { r2: number }[] };
  };
  expect(quantizedAccuracy?.train ?? quantizedScores?.test[0].r2).toBeGreaterThan(0.95);
});

it('gives every command as this program was called', () => {
  const called = { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'neurona init x' };
  for (const name of TEMPLATE_NAMES) {
    const commands = (readme: string): string[] => readme.match(/(?<=^ {4}|`)(npx )?neurona .*$/gm) ?? [];
    const plain = commands(starterFiles(name)['README.md']);
    expect(plain.length).toBeGreaterThan(6);
    Object.entries(called).forEach(([key, value]) => vi.stubEnv(key, value));
    const throughNpx = commands(starterFiles(name)['README.md']);
    vi.unstubAllEnvs();
    expect(throughNpx).toEqual(plain.map((line) => `npx ${line}`));
  }
});

it.each([
  [{ train: { hiden: [8] } }],
  [{ train: { epochs: 0.5 } }],
  [{ train: { optimizer: 'adm' } }],
  [{ train: { augment: { rotate: -1 } } }],
  [{ trian: {} }],
  [{ seed: 'one' }],
])('the schema refuses %j as the program does', async (config) => {
  expect(schemaOf(path.join(folder, 'iris')).safeParse(config).success).toBe(false);
});

it('another name of a template is refused with those that there are', async () => {
  const { exit, error } = await runFailing(['init', 'x', '--template', 'irs'], folder);
  expect([exit, error.code, error.hint]).toEqual([2, 'bad-value', expect.stringContaining('iris')]);
});
