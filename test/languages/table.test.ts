import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENGLISH, LANGUAGES } from '../../model/messages.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { saidTexts } from './keys.js';

/** Every language says all that the sources say, and nothing else. */

const { tagged, untagged } = saidTexts();
const places = new Map(tagged.map(({ place, text }) => [text, place]));

const placeholders = (text: string): string[] => (text.match(/\{\d+\}/g) ?? []).sort();
const edges = (text: string): (string | undefined)[] => [/^\s*/.exec(text)?.[0], /\s*$/.exec(text)?.[0]];

const readTable = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'languages', `${language}.json`), 'utf8')) as Record<
    string,
    string
  >;

it('marks every text for people in the sources', () => {
  expect(untagged).toEqual([]);
  expect(places.size).toBeGreaterThan(900);
});

describe.each(LANGUAGES.filter((language) => language !== ENGLISH))('%s', (language) => {
  const table = readTable(language);

  it('has every text of the sources', () => {
    const missing = [...places].filter(([text]) => !Object.hasOwn(table, text));
    expect(Object.fromEntries(missing)).toEqual({});
  });

  it('has no text that no source uses', () => {
    expect(Object.keys(table).filter((text) => !places.has(text))).toEqual([]);
  });

  it('has the values, the blanks at the ends and the names of files and options of the English text', () => {
    const names = (text: string): string[] =>
      [...new Set(text.match(/--[a-z][a-z0-9-]+|\b[\w-]+\.json\b/g))].sort();
    const wrong = Object.entries(table).filter(
      ([english, text]) =>
        text.trim() === '' ||
        placeholders(text).join() !== placeholders(english).join() ||
        edges(text).join() !== edges(english).join() ||
        names(text).join() !== names(english).join(),
    );
    expect(wrong).toEqual([]);
  });
});
