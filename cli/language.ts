import { LANGUAGES, languageOf, type Language } from '../model/messages.js';

/** The words that can be flags: those behind `--` are operands. */
export function flagsIn(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

type Environment = Readonly<NodeJS.ProcessEnv>;

/** That of the last --lang, if there is such a language. */
function givenLanguage(words: readonly string[]): Language | undefined {
  const flags = flagsIn(words);
  const given = flags.flatMap((word, i) =>
    word === '--lang' ? [flags[i + 1]] : word.startsWith('--lang=') ? [word.slice('--lang='.length)] : [],
  );
  return LANGUAGES.find((language) => language === given.at(-1));
}

/** That of the environment, in the order in which the C library asks it. */
const ownLanguage = ({ LC_ALL, LC_MESSAGES, LANG }: Environment): Language =>
  languageOf(LC_ALL || LC_MESSAGES || LANG || '');

/** That of the last --lang, else of the environment. */
export const chosenLanguage = (words: readonly string[], environment: Environment): Language =>
  givenLanguage(words) ?? ownLanguage(environment);

/** The option that later commands need to go on in the same language; none where the environment says it anyway. */
export function languageOption(words: readonly string[], environment: Environment): string[] {
  const language = chosenLanguage(words, environment);
  return language === ownLanguage(environment) ? [] : ['--lang', language];
}
