import { afterEach, describe, expect, it } from 'vitest';
import { chosenLanguage, languageOption } from '../../cli/language.js';
import { inEnglish, inLanguage, LANGUAGES, m, say, setLanguage, t } from '../../model/messages.js';
import { Problem } from '../../model/problem.js';
import { loadDataset } from '../../dataset/load.js';

afterEach(() => setLanguage('en'));

describe('the language of a run', () => {
  it.each([
    ['', {}, 'en'],
    ['', { LANG: 'C' }, 'en'],
    ['', { LANG: 'es' }, 'es'],
    ['', { LANG: 'es_MX.UTF-8' }, 'es'],
    ['', { LANG: 'es-419' }, 'es'],
    ['', { LANG: 'es@euro' }, 'es'],
    ['', { LANG: 'est_EE.UTF-8' }, 'en'],
    ['', { LANG: 'fr_FR.UTF-8' }, 'en'],
    ['', { LANG: 'es_ES', LC_MESSAGES: 'en_GB' }, 'en'],
    ['', { LANG: 'en_GB', LC_MESSAGES: 'es_ES' }, 'es'],
    ['', { LANG: 'es_ES', LC_MESSAGES: 'es_ES', LC_ALL: 'C.UTF-8' }, 'en'],
    ['', { LANG: 'es_ES', LC_ALL: '' }, 'es'],
    ['--lang es train', {}, 'es'],
    ['train x.csv --lang es', {}, 'es'],
    ['train --lang=es x.csv', {}, 'es'],
    ['--lang en train', { LC_ALL: 'es_ES' }, 'en'],
    ['--lang es train --lang en', {}, 'en'],
    ['--lang fr', { LANG: 'es_ES' }, 'es'],
    ['train --lang', { LANG: 'es_ES' }, 'es'],
    ['train -- --lang es', {}, 'en'],
  ])('%j with %j is %s', (words, environment, language) => {
    expect(chosenLanguage(words.split(' '), environment)).toBe(language);
  });
});

describe('a command to type next', () => {
  it.each([
    ['train x.csv', { LANG: 'es_ES' }, ''],
    ['train x.csv --lang es', { LANG: 'es_ES' }, ''],
    ['train x.csv --lang es', { LANG: 'C' }, '--lang es'],
    ['--lang=en train', { LANG: 'es_ES' }, '--lang en'],
    ['--lang fr train', { LANG: 'C' }, ''],
  ])('repeats of %j with %j: %j', (words, environment, option) => {
    expect(languageOption(words.split(' '), environment).join(' ')).toBe(option);
  });
});

describe('a text', () => {
  it('is English until a language is set', () => {
    expect(t`cannot read it: ${'x'}`).toBe('cannot read it: x');
    setLanguage('es');
    expect(t`cannot read it: ${'x'}`).toBe('no se puede leer: x');
  });

  it('that the table lacks stays English, with its values', () => {
    setLanguage('es');
    expect(t`${1} of these ${'{0}'} nobody ${null} translated ${2}`).toBe(
      '1 of these {0} nobody null translated 2',
    );
  });

  it('of a table waits for its language, also within another', () => {
    const reason = m`no such file`;
    const message = m`cannot read it: ${reason}`;
    expect(inLanguage('es', () => say(message))).toBe('no se puede leer: no existe ese archivo');
    setLanguage('es');
    expect(inEnglish(message)).toBe('cannot read it: no such file');
    expect(say(message)).toBe('no se puede leer: no existe ese archivo');
  });

  it('comes back to its language where something else is said fails', () => {
    setLanguage('es');
    const fail = (): never => {
      throw new Error('failed');
    };
    expect(() => inLanguage('en', fail)).toThrow('failed');
    expect(t`yes`).toBe('sí');
  });

  it('of a language nobody wrote is refused', () => {
    expect(LANGUAGES).toEqual(['en', 'es']);
    expect(() => setLanguage('xx')).toThrow(/en, es/);
  });
});

it('a problem speaks the language of the caller of the library', async () => {
  setLanguage('es');
  const failure: unknown = await loadDataset(['nowhere.csv'], {}).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Problem);
  expect((failure as Problem).details).toMatchObject({
    code: 'cannot-read',
    message: 'no se puede leer: no existe ese archivo',
    hint: 'revisa la ruta y los permisos',
  });
});
