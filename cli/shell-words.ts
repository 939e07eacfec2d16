/** The words of the same command with this value for an option, in place of the one they may have. */
export function withOption(words: readonly string[], flag: string, value: string): string[] {
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (words[i] === flag) i++;
    else if (!words[i].startsWith(`${flag}=`)) rest.push(words[i]);
  }
  const end = rest.indexOf('--'); // behind it all words are operands
  return rest.toSpliced(end < 0 ? rest.length : end, 0, flag, value);
}
