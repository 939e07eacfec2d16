import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_ROOT } from './package-root.js';

/**
 * What people read, in their language. The English text in the source is the key: `languages/<language>.json` gives its
 * translation, with {0}, {1} … where values stand. A language is one such file; a text that it lacks stays English.
 */

/** `en`, or the name of a file in `languages/`. */
export type Language = string;

export const ENGLISH: Language = 'en';

const FOLDER = path.join(PACKAGE_ROOT, 'languages');
const SUFFIX = '.json';

/** English first. */
export const LANGUAGES: readonly Language[] = [
  ENGLISH,
  ...readdirSync(FOLDER)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .sort(),
];

/** What can stand within a text; a message is put into the language of the text around it. */
export type MessageValue = string | number | Message | null | undefined;

/** A text in no language yet: what tables hold, which are made before the language is known. */
export interface Message {
  readonly key: string;
  readonly values: readonly MessageValue[];
}

type Translations = Readonly<Record<string, string>>;

const loaded = new Map<Language, Translations>();
let current: Language = ENGLISH;

/** By their English keys; none for English itself. */
function translationsOf(language: Language): Translations {
  if (language === ENGLISH) return {};
  let found = loaded.get(language);
  if (!found) {
    found = JSON.parse(readFileSync(path.join(FOLDER, language + SUFFIX), 'utf8')) as Translations;
    loaded.set(language, found);
  }
  return found;
}

/** The language of all texts that are made from now on in this thread; English at first. One of `LANGUAGES`. */
export function setLanguage(language: Language): void {
  if (!LANGUAGES.includes(language))
    throw new RangeError(`there is no language "${language}"; expected one of ${LANGUAGES.join(', ')}`);
  current = language;
}

export const currentLanguage = (): Language => current;

/** What `work` returns, its texts made in another language. */
export function inLanguage<T>(language: Language, work: () => T): T {
  const before = current;
  setLanguage(language);
  try {
    return work();
  } finally {
    current = before;
  }
}

/** The language of a locale such as `es_MX.UTF-8`: English for one that is not among `LANGUAGES`. */
export function languageOf(locale: string): Language {
  const [name] = locale.split(/[_.@-]/);
  return LANGUAGES.find((language) => language === name) ?? ENGLISH;
}

/** `{0}` for the first value of a template, `{1}` for the second: by this a text is looked up. */
export const messageKey = (strings: readonly string[]): string =>
  strings.reduce((text, next, i) => `${text}{${i - 1}}${next}`);

/** The text of a key in the current language, with `values` in its gaps. */
export function fillMessage(key: string, values: readonly string[]): string {
  const text = translationsOf(current)[key] ?? key;
  return text.replace(/\{(\d+)\}/g, (gap, index: string) => values[Number(index)] ?? gap);
}

/** m`no such file ${name}`: for a table; `say` puts it into the language that is then current. */
export const m = (strings: readonly string[], ...values: readonly MessageValue[]): Message => ({
  key: messageKey(strings),
  values,
});

export const say = ({ key, values }: Message): string =>
  fillMessage(
    key,
    values.map((value) => (typeof value === 'object' && value !== null ? say(value) : String(value))),
  );

/** t`no such file ${name}`: in the current language. */
export const t = (strings: readonly string[], ...values: readonly MessageValue[]): string =>
  say(m(strings, ...values));

/** For files that machines read. */
export const inEnglish = (message: Message): string => inLanguage(ENGLISH, () => say(message));
