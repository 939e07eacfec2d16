import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { runProgram } from '../dist/cli/program.js';

/**
 * `node scripts/report-references.mjs` takes the pictures in test/report/references anew, after `npm run build`: the
 * report of the tutorial's project as a desktop shows it, light and dark, and as a phone does. To be looked at by a
 * person and committed; fonts differ from computer to computer, so nothing compares them pixel by pixel.
 */

const OUT = path.join(import.meta.dirname, '..', 'test', 'report', 'references');
const SHOTS = [
  {
    name: 'light',
    viewport: { width: 1000, height: 2400 },
    deviceScaleFactor: 0.6,
    colorScheme: 'light',
    language: 'en',
  },
  {
    name: 'dark',
    viewport: { width: 1000, height: 1800 },
    deviceScaleFactor: 0.6,
    colorScheme: 'dark',
    language: 'en',
  },
  {
    name: 'phone',
    viewport: { width: 390, height: 2000 },
    deviceScaleFactor: 0.75,
    colorScheme: 'light',
    language: 'es',
  },
];

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-references-'));
try {
  process.chdir(folder);
  for (const line of [
    'init flowers -q',
    'train flowers/iris.csv -q',
    'generate network.json --board uno -o firmware -q',
    'verify firmware flowers/iris.csv -q',
    'report firmware flowers/iris.csv --lang en -o en.html -q',
    'report firmware flowers/iris.csv --lang es -o es.html -q',
  ]) {
    if ((await runProgram(line.split(' '))) !== 0) throw new Error(`neurona ${line} failed`);
  }
  mkdirSync(OUT, { recursive: true });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const { name, language, ...screen } of SHOTS) {
    const page = await browser.newPage(screen);
    await page.goto(pathToFileURL(path.join(folder, `${language}.html`)).href);
    await page.screenshot({ path: path.join(OUT, `${name}.png`) });
    await page.close();
  }
  await browser.close();
} finally {
  process.chdir(import.meta.dirname);
  rmSync(folder, { recursive: true });
}
