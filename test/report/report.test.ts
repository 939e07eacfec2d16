import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integerPredictions } from '../../cli/predictions.js';
import { reportPage } from '../../cli/report/page.js';
import { gatherSubject, partName } from '../../cli/report/subject.js';
import { recordVerification } from '../../cli/verification-record.js';
import type { VerificationReport } from '../../cli/verification-summary.js';
import { loadDataset } from '../../dataset/load.js';
import { readModelFile } from '../../model/model-file.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { historyRecord } from '../../trainer/history.js';
import { runFailing, runJson, temporaryFolder } from '../cli/run-cli.js';
import { writeImages } from '../support/images.js';
import { LOW_CONTRASTS } from './contrast.js';
import { CLOUDS, makeProject, TWO_TARGETS, WAVE, type Project } from './projects.js';

/** The report as a browser shows it. */

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const IRIS = readFileSync(path.join(PACKAGE_ROOT, 'examples', 'iris', 'iris.csv'), 'utf8');

const layers = (count: number): string[] =>
  Array.from({ length: count }, (_, l) => [`float-weights-${l + 1}`, `integer-weights-${l + 1}`]).flat();
const inner = (count: number): string[] => Array.from({ length: count }, (_, l) => `activations-${l}`);
const ALWAYS = ['learning-loss', 'layer-errors', 'accumulators', 'flash', 'ram'];

/** A project, and the figures that its page must have. */
const PROJECTS = {
  iris: {
    make: () => makeProject({ 'iris.csv': IRIS }, { epochs: 40 }, 'uno'),
    figures: [...ALWAYS, ...layers(2), ...inner(2), 'learning-accuracy', 'confusion'],
  },
  'two features, one against all': {
    make: () =>
      makeProject(
        { 'clouds.csv': CLOUDS },
        { name: 'sky', output: 'sigmoid', hidden: [6, 5], bits: 4, patience: 20 },
        'host',
      ),
    figures: [...ALWAYS, ...layers(3), ...inner(3), 'learning-accuracy', 'confusion', 'regions'],
  },
  'two classes, one output, no hidden layer': {
    make: () =>
      makeProject({ 'clouds.csv': CLOUDS.replaceAll('"ñ"', 'a<b>') }, { hidden: [], epochs: 1 }, 'uno'),
    figures: [...ALWAYS, ...layers(1), ...inner(1), 'learning-accuracy', 'confusion', 'regions'],
  },
  'regression of one feature': {
    make: () => makeProject({ 'wave.csv': WAVE }, { task: 'regression', epochs: 60 }, 'uno'),
    figures: [...ALWAYS, ...layers(2), ...inner(2), 'predicted-0', 'errors-0', 'regions'],
  },
  'regression of two targets': {
    make: () =>
      makeProject(
        { 'pair.csv': TWO_TARGETS },
        { task: 'regression', label: 'sum,product', epochs: 40 },
        'pico',
      ),
    figures: [
      ...ALWAYS,
      ...layers(2),
      ...inner(2),
      ...['predicted-0', 'errors-0', 'predicted-1', 'errors-1', 'regions'],
    ],
  },
  images: {
    make: () =>
      makeProject(
        { 'spots-images-idx3-ubyte': (folder) => writeImages(folder, 'spots', 6, 5) },
        { epochs: 5, hidden: [4], testSplit: 0 },
        'esp32-c3', // whose flash is counted in millions
      ),
    figures: [...ALWAYS, ...layers(2), ...inner(2), 'learning-accuracy', 'confusion'],
  },
} satisfies Record<string, { make: () => Promise<Project>; figures: readonly string[] }>;

let browser: Browser;
const projects = new Map<string, Project>();

beforeAll(async () => {
  const executablePath = CHROMIUM.find(existsSync);
  if (executablePath === undefined) throw new Error('chromium is missing: sudo apt-get install chromium');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser.close();
  for (const { folder } of projects.values()) rmSync(folder, { recursive: true });
});

async function projectOf(name: keyof typeof PROJECTS): Promise<Project> {
  const project = projects.get(name) ?? (await PROJECTS[name].make());
  projects.set(name, project);
  return project;
}

/** Shows a page at the width of a phone; whatever the browser complains about or fetches is in `complaints`. */
async function show(html: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 380, height: 800 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => complaints.push(request.url().slice(0, 40)));
  await page.setContent(html);
  return { page, complaints: complaints.filter((text) => !text.startsWith('data:')) };
}

interface Seen {
  readonly overflow: number;
  readonly figures: readonly { readonly id: string; readonly isSeen: boolean }[];
  readonly pictures: readonly (readonly number[])[];
  /** Two labels of a figure that stand one upon the other. */
  readonly overlaps: readonly string[];
}

/** Runs in the browser. */
const LOOK = `({
  overflow: document.documentElement.scrollWidth - window.innerWidth,
  figures: [...document.querySelectorAll('figure[id]')].map((figure) => {
    const svg = figure.querySelector('svg');
    const { width, height } = svg.getBoundingClientRect();
    const marks = svg.querySelectorAll('rect, path, circle').length;
    return { id: figure.id, isSeen: width > 200 && height > 40 && marks > 2 };
  }),
  pictures: [...document.querySelectorAll('img')].map((image) => [image.naturalWidth, image.naturalHeight]),
  overlaps: [...document.querySelectorAll('figure svg')].flatMap((svg) => {
    const labels = [...svg.querySelectorAll('text')].filter((label) => label.textContent.trim() !== '');
    const boxes = labels.map((label) => label.getBoundingClientRect());
    return boxes.flatMap((a, i) =>
      boxes.slice(i + 1).flatMap((b, k) => {
        const [wide, high] = [[a.left, b.left, a.right, b.right], [a.top, b.top, a.bottom, b.bottom]].map(
          ([from, start, to, end]) => Math.min(to, end) - Math.max(from, start),
        );
        return wide > 0 && high > 3 ? [labels[i].textContent + ' / ' + labels[i + 1 + k].textContent] : [];
      }),
    );
  }),
})`;

describe.each(Object.entries(PROJECTS))('the report on %s', (name, { figures }) => {
  it('has every figure, at a size that can be seen, and asks for nothing', async () => {
    const { directory } = await projectOf(name as keyof typeof PROJECTS);
    const html = reportPage(await gatherSubject(directory, [], {}));
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object|&amp;(lt|amp|quot);/);
    const { page, complaints } = await show(html);
    const seen = await page.evaluate<Seen>(LOOK);
    await page.close();
    expect(complaints).toEqual([]);
    expect(seen.overflow).toBe(0);
    expect(seen.overlaps).toEqual([]);
    expect(seen.figures).toEqual(expect.arrayContaining(figures.map((id) => ({ id, isSeen: true }))));
    expect(seen.figures).toHaveLength(figures.length);
    if (name === 'images') expect(seen.pictures.slice(0, 4)).toEqual(Array(4).fill([5, 6]));
    else expect(seen.pictures).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('can be made out where the system is %s', async (colorScheme) => {
    const { directory } = await projectOf(name as keyof typeof PROJECTS);
    const { page } = await show(reportPage(await gatherSubject(directory, [], {})));
    await page.emulateMedia({ colorScheme });
    expect(await page.evaluate(LOW_CONTRASTS)).toEqual([]);
    await page.close();
  });
});

describe('what a report says', () => {
  it('is what training measured, and the wrong rows are those that the integers get wrong', async () => {
    const { directory, folder, report } = await projectOf('two features, one against all');
    const { page } = await show(reportPage(await gatherSubject(directory, [], {})));
    const { model } = readModelFile(path.join(directory, 'model.json'));
    const { features } = model.input;
    const data = await loadDataset([path.join(folder, 'clouds.csv')], {
      reference: { features, classes: model.classes },
    });
    const wrong = [...integerPredictions(model, data)].flatMap((taken, row) =>
      taken === data.labels?.[row] ? [] : [row + 1],
    );
    expect(wrong.length).toBeGreaterThan(0);
    const numbers = await page.locator('#wrong-rows + * tbody tr th').allTextContents();
    expect(numbers.map(Number).sort((a, b) => a - b)).toEqual(wrong);
    const tile = await page.locator('.tile b').first().textContent();
    if (report.task !== 'classification') throw new Error('a classification');
    expect(tile).toBe(`${(100 * (report.quantizedAccuracy.test ?? NaN)).toFixed(1)} %`);
    const names = await page.locator('#class-scores tbody th').allTextContents();
    expect(names).toEqual(['a<b>', 'b & c', 'ñ']);
    await page.close();
  });

  it('can be read without seeing it: tables have headers, and only what has a role has a name', async () => {
    const { directory } = await projectOf('iris');
    const { page } = await show(reportPage(await gatherSubject(directory, [], {})));
    const count = (selector: string): Promise<number> => page.locator(selector).count();
    expect(await count('thead th[scope="col"]')).toBeGreaterThan(20);
    expect(await count('tbody tr')).toBe(await count('tbody tr > th[scope="row"]:first-child'));
    const headers = await page.locator('th').allTextContents();
    expect(headers.filter((text) => text.trim() === '')).toEqual([]);
    expect(await count('svg[role="img"][aria-label]')).toBe(PROJECTS.iris.figures.length);
    expect(await count('svg [aria-label]')).toBe(0);
    expect(await count('.scroll, pre')).toBe(await count('[tabindex="0"]'));
    await page.close();
  });

  it('is in the digits of the data', async () => {
    const { directory, folder } = await projectOf('iris');
    const page = reportPage(await gatherSubject(directory, [], {}));
    const [header, ...lines] = readFileSync(path.join(folder, 'iris.csv'), 'utf8').trim().split('\n');
    const table = /<p id="wrong-rows">.*?<\/table>/s.exec(page)![0];
    const rows = [...table.matchAll(/<tr>(.*?)<\/tr>/gs)]
      .slice(1)
      .map(([, row]) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell));
    expect(rows.length).toBeGreaterThan(0);
    expect(header).toContain('sepal_length');
    for (const cells of rows)
      expect(cells.slice(4, 8)).toEqual(lines[Number(cells[0]) - 1].split(',').slice(0, 4));
  });

  it.each([
    ['iris', 'The verification sketch with the model in it'],
    ['regression of two targets', 'What the model adds to a program'],
  ] as const)('is of the program that is counted: %s', async (name, text) => {
    const { directory } = await projectOf(name);
    expect(reportPage(await gatherSubject(directory, [], {}))).toContain(text);
  });

  it('names other rows as what they are, and says what it could not find', async () => {
    const { directory, folder } = await projectOf('regression of one feature');
    const others = path.join(folder, 'others.csv');
    writeFileSync(others, WAVE.split('\n').slice(0, 31).join('\n'));
    const subject = await gatherSubject(directory, [others], {});
    expect(subject.parts.map(({ name, data }) => [name, data.rows])).toEqual([['others', 30]]);
    const alone = { ...subject, found: null, parts: [], activity: null };
    const { page, complaints } = await show(reportPage(alone));
    expect(complaints).toEqual([]);
    expect(await page.locator('#missing').textContent()).toMatch(/--network .*DATA/);
    await page.close();
  });
});

describe('rectangles of a plane', () => {
  it('meet, with ends of two digits', async () => {
    const { directory } = await projectOf('regression of two targets');
    const page = reportPage(await gatherSubject(directory, [], {}));
    const svg = /<figure id="regions">.*?<\/svg>/s.exec(page)![0];
    const rectangles = [...svg.matchAll(/<rect ([^>]*)>/g)].map(([, text]) => {
      const of = (name: string): number => Number(new RegExp(`(?<!-)\\b${name}="([^"]*)"`).exec(text)![1]);
      return { y: of('y'), from: of('x'), to: Number((of('x') + of('width')).toFixed(6)) };
    });
    expect(rectangles.length).toBeGreaterThan(300);
    const ends = new Set(rectangles.map(({ y, to }) => `${y} ${to}`));
    const left = Math.min(...rectangles.map(({ from }) => from));
    const apart = rectangles.filter(({ y, from }) => from > left && !ends.has(`${y} ${from}`));
    expect(apart).toEqual([]);
  });
});

describe('the table of boards', () => {
  it('says of every board what neurona estimate says', async () => {
    const { folder, directory } = await projectOf('regression of one feature');
    const subject = await gatherSubject(directory, [path.join(folder, 'wave.csv')], {});
    const part = {
      ...subject.parts[0],
      name: 'wave',
      data: await loadDataset([path.join(folder, 'wave.csv')], {
        reference: { ...subject.model.input, classes: [], targets: subject.model.targets },
      }),
    };
    const page = reportPage({ ...subject, parts: [part] });
    const { object } = await runJson(['estimate', 'network.json', '--data', 'wave.csv'], folder);
    const table = /<div id="boards">(.*?)<\/div>/s.exec(page)![1];
    const numbers = [...table.matchAll(/(\d[\d,]*) (cycles|instr\.)/g)].map(([, digits]) =>
      Number(digits.replaceAll(',', '')),
    );
    const boards = object.boards as { cycles: { typical: number; worst: number } | null }[];
    expect(numbers.length).toBeGreaterThan(30);
    expect(numbers).toEqual(boards.flatMap(({ cycles }) => (cycles ? [cycles.typical, cycles.worst] : [])));
  });
});

describe('neurona report', () => {
  it('writes the page, says where, and replaces nothing but its own', async () => {
    const { folder } = await projectOf('iris');
    const { object } = await runJson(['report', 'firmware'], folder);
    expect(object).toMatchObject({ file: 'report.html', network: 'network.json', rows: 150 });
    expect(object.figures).toHaveLength(PROJECTS.iris.figures.length);
    const first = readFileSync(path.join(folder, 'report.html'), 'utf8');
    await runJson(['report', 'firmware', 'iris.csv'], folder);
    expect(readFileSync(path.join(folder, 'report.html'), 'utf8')).toBe(first);
    writeFileSync(path.join(folder, 'mine.html'), '<p>mine</p>');
    const { exit, error } = await runFailing(['report', 'firmware', '-o', 'mine.html'], folder);
    expect({ exit, code: error.code }).toEqual({ exit: 1, code: 'would-overwrite' });
    expect(readFileSync(path.join(folder, 'mine.html'), 'utf8')).toBe('<p>mine</p>');
  });

  it('finds rows in a folder beside it', async () => {
    const { folder } = await projectOf('iris');
    mkdirSync(path.join(folder, 'data'));
    renameSync(path.join(folder, 'iris.csv'), path.join(folder, 'data', 'iris.csv'));
    const { object } = await runJson(['report', 'firmware', '-o', 'found.html'], folder);
    renameSync(path.join(folder, 'data', 'iris.csv'), path.join(folder, 'iris.csv'));
    expect(object.rows).toBe(150);
  });

  it('takes the files of training and test, given together, for what they are', async () => {
    const folder = temporaryFolder();
    const [header, ...rows] = CLOUDS.trim().split('\n');
    const file = (name: string): string => path.join(folder, name);
    writeFileSync(file('early.csv'), [header, ...rows.slice(0, 100)].join('\n'));
    writeFileSync(file('late.csv'), [header, ...rows.slice(100)].join('\n'));
    await runJson(['train', 'early.csv', '--test', 'late.csv', '--epochs', '5'], folder);
    await runJson(['generate', 'network.json', '--board', 'host', '-o', 'firmware'], folder);
    const given = [file('late.csv'), file('early.csv')];
    const { parts } = await gatherSubject(file('firmware'), given, { network: file('network.json') });
    expect(parts.map((part) => [partName(part), part.data.rows])).toEqual([
      ['training', 100],
      ['test', 50],
    ]);
  });

  it('refuses a network that is not the one of the folder', async () => {
    const [iris, wave] = await Promise.all([projectOf('iris'), projectOf('regression of one feature')]);
    const network = path.join(wave.folder, 'network.json');
    const refused = gatherSubject(iris.directory, [], { network });
    await expect(refused).rejects.toMatchObject({ details: { code: 'wrong-model', file: network } });
  });

  it('gives the command that has verified the folder where its board needs no port for it', async () => {
    const { directory } = await projectOf('images');
    const subject = await gatherSubject(directory, [], {});
    const verifies = (): string | undefined => /verify .* --on (\S+)/.exec(reportPage(subject))?.[1];
    expect(verifies()).toBe('PORT');
    const { modelHash } = subject;
    const report = { on: 'qemu', rows: 3, mismatches: 0, accuracy: 1, modelHash } as VerificationReport;
    recordVerification(directory, report);
    expect(verifies()).toBe('qemu');
    recordVerification(directory, { ...report, modelHash: 'another' });
    expect(verifies()).toBe('PORT');
  });

  it('gives a command that trains the very network again', async () => {
    const { folder, directory } = await projectOf('two features, one against all');
    const page = reportPage(await gatherSubject(directory, [], {}));
    const line = /neurona (train clouds\.csv .*) -o \S+/.exec(page)?.[1] ?? '';
    expect(line).toBe('train clouds.csv --name sky --hidden 6,5 --output sigmoid --patience 20 --bits 4');
    await runJson([...line.split(' '), '-o', 'again.json'], folder);
    const [once, again] = ['network.json', 'again.json'].map((file) =>
      readFileSync(path.join(folder, file), 'utf8'),
    );
    expect(again).toBe(once);
  });
});

it('has pictures of reference, as scripts/report-references.mjs takes them, small enough to keep', () => {
  const folder = path.join(import.meta.dirname, 'references');
  const sizes = ['light', 'dark', 'phone'].map((name) => {
    const picture = readFileSync(path.join(folder, `${name}.png`));
    expect(picture.toString('latin1', 1, 4)).toBe('PNG');
    return picture.length;
  });
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(300 * 1024);
});

describe('the history in network.json', () => {
  it.each([
    [1, [1]],
    [3, [1, 2, 3]],
    [2000, null],
  ])('of %i epochs keeps the first and the last', (count, epochs) => {
    const history = Array.from({ length: count }, (_, k) => ({
      epoch: k + 1,
      loss: 1 / (k + 1),
      accuracy: null,
      validation: null,
    }));
    const record = historyRecord(history);
    expect(Object.keys(record)).toEqual(['epoch', 'loss']);
    if (epochs) expect(record.epoch).toEqual(epochs);
    else expect([record.epoch.length, record.epoch[0], record.epoch[199]]).toEqual([200, 1, 2000]);
    expect(record.loss[record.loss.length - 1]).toBeCloseTo(1 / count, 5);
  });
});
