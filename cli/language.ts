import { LANGUAGES, languageOf, type Language } from '../model/messages.js';

/** The words that can be flags: those behind `--` are operands. */
export function flagsIn(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

/** That of the last --lang, else of the environment, in the order in which the C library asks it. */
export function chosenLanguage(
  words: readonly string[],
  { LC_ALL, LC_MESSAGES, LANG }: Readonly<NodeJS.ProcessEnv>,
): Language {
  const flags = flagsIn(words);
  const given = flags.flatMap((word, i) =>
    word === '--lang' ? [flags[i + 1]] : word.startsWith('--lang=') ? [word.slice('--lang='.length)] : [],
  );
  const named = given.at(-1);
  if (named !== undefined && LANGUAGES.includes(named)) return named;
  return languageOf(LC_ALL || LC_MESSAGES || LANG || '');
}
