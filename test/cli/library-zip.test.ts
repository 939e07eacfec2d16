import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, afterEach, expect, test } from 'vitest';
import { generateProject } from '../../cli/project-generation.js';
import { modelFileText } from '../../model/model-file.js';
import { tinyModel } from '../support/tiny-model.js';
import { runCli } from './run-cli.js';

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ZONE = process.env.TZ;
afterEach(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

const make = (name: string, force = false): ReturnType<typeof generateProject> =>
  generateProject(tinyModel(), {
    ...{ board: 'uno', format: 'arduino-library', name: 'tiny', zip: true, force },
    out: path.join(folder, name),
  });

/** Read by the central directory, as APPNOTE.TXT of PKWARE lays it out: name, date and text of every entry. */
function entriesOf(zip: Buffer): { name: string; date: number; text: string }[] {
  const end = zip.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  const entries = [];
  let at = zip.readUInt32LE(end + 16);
  for (let k = zip.readUInt16LE(end + 10); k > 0; k--) {
    expect(zip.toString('latin1', at, at + 4)).toBe('PK\u0001\u0002');
    const [packed, length, header] = [at + 20, at + 28, at + 42].map((o) => zip.readUInt32LE(o));
    const nameLength = length & 0xffff;
    const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const bytes = zip.subarray(start, start + packed);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const text = (zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes).toString();
    entries.push({ name, date: zip.readUInt16LE(at + 14), text });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

test('--zip holds the library in one folder, the same bytes in every time zone', async () => {
  process.env.TZ = 'Pacific/Kiritimati';
  const { zip, directory, files } = await make('east');
  expect(zip).toBe(`${directory}.zip`);
  process.env.TZ = 'America/Los_Angeles';
  const west = await make('west');
  expect(Buffer.compare(readFileSync(zip!), readFileSync(west.zip!))).toBe(0);
  const entries = entriesOf(readFileSync(zip!));
  expect(entries.map(({ name }) => name)).toEqual(
    files.filter((name) => name !== 'model.json').map((name) => `tiny/${name}`),
  );
  for (const { name, date, text } of entries) {
    expect(text).toBe(readFileSync(path.join(directory, name.slice('tiny/'.length)), 'utf8'));
    expect(date).toBe(1 | (1 << 5)); // 1 January 1980
  }
});

test('an earlier zip is replaced; a file that is none is left alone, and so is the folder', async () => {
  await make('twice');
  await make('twice');
  for (const content of ['mine', 'PK\u0003\u0004'.padEnd(30) + 'other/x']) {
    const file = path.join(folder, 'mine.zip');
    writeFileSync(file, content);
    await expect(make('mine')).rejects.toMatchObject({ details: { code: 'would-overwrite', file } });
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(existsSync(path.join(folder, 'mine'))).toBe(false);
  }
});

test('a library without an author and an address of its own says so, in the language of whoever makes it', async () => {
  const cwd = mkdtempSync(path.join(folder, 'facts-'));
  writeFileSync(path.join(cwd, 'model.json'), modelFileText(tinyModel()).text);
  const generate = ['generate', 'model.json', '--board', 'uno', '--format', 'arduino-library', '-o', 'tiny'];
  const facts = ['--author', 'Ada', '--url', 'https://ada.dev'];
  const said = async (...words: string[]) => (await runCli([...generate, ...words], cwd)).stderr;
  expect(await said('--quiet')).toBe(
    'warning: library.properties has placeholders: author Neurona, url https://example.com; before you publish it, generate with --author NAME --url URL\n',
  );
  expect(await said('--lang', 'es')).toContain('antes de publicarlo, genera con --author NAME --url URL');
  expect(await said(...facts)).toBe('');
  writeFileSync(
    path.join(cwd, 'neurona.config.json'),
    JSON.stringify({ generate: { author: facts[1], url: facts[3] } }),
  );
  expect(await said()).toBe('');
});

test('--zip is for an Arduino library', async () => {
  const sketch = generateProject(tinyModel(), { board: 'uno', out: path.join(folder, 'sketch'), zip: true });
  await expect(sketch).rejects.toMatchObject({ details: { kind: 'usage', code: 'conflicting-options' } });
});
