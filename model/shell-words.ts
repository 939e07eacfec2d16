const SAFE = /^[\w@%+=:,./-]+$/;

/** Words as they may be pasted into a shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
