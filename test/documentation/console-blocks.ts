/**
 * The commands that a document shows: of blocks ```console those after `$`, each with its output below; of blocks ```sh
 * every line, of which only the end counts.
 */

export interface ShownCommand {
  readonly command: string;
  /** Line of the document, counted from 1. */
  readonly line: number;
  /** What is shown of it; null in blocks ```sh. */
  readonly output: string | null;
}

/** In the order of the document. Commands whose here-document ends with END go on to that line. */
export function shownCommands(text: string): ShownCommand[] {
  const shown: { command: string; line: number; output: string[] | null }[] = [];
  let block: string | null = null;
  let isOpen = false;
  for (const [k, indented] of text.split('\n').entries()) {
    const line = block === 'console' ? indented : indented.trimStart();
    const last = shown.at(-1);
    const fence = /^ *```(.*)$/.exec(indented);
    if (fence) block = block === null ? fence[1] : null;
    else if (block === 'sh') {
      for (const command of line.replace(/\s+#.*$/, '').split(' && '))
        shown.push({ command, line: k + 1, output: null });
    } else if (block !== 'console') continue;
    else if (isOpen && last) {
      last.command += `\n${line}`;
      isOpen = line !== 'END';
    } else if (line.startsWith('$ ')) {
      shown.push({ command: line.slice(2), line: k + 1, output: [] });
      isOpen = line.includes("<<'END'");
    } else last?.output?.push(line);
  }
  return shown.map(({ output, ...rest }) => ({ ...rest, output: output?.join('\n').trim() ?? null }));
}

/** Commands of neurona in a line of prose. */
export function namedCommands(text: string): string[] {
  const prose = text.replace(/^ *```.*?^ *```/gms, '');
  return [...prose.matchAll(/`(?:npx )?neurona ([^`]*)`/g)].map(([, words]) => words.replace(/\s+/g, ' '));
}

/** How long something took, and by that how fast it was, is the only thing that differs from run to run. */
const withoutTimes = (text: string): string => text.replace(/[\d.,]+ (m?s|(rows|filas)\/s)\b/g, '#');

/** Whether a command printed what is shown of it, where a line … stands for any lines and … in a line for any text. */
export function isShown(shown: string, printed: string): boolean {
  const pattern = withoutTimes(shown)
    .split('\n')
    .map((line) => (line === '…' ? '[^]*' : line.split('…').map(escaped).join('.*')))
    .join('\n');
  return new RegExp(`^${pattern}$`).test(withoutTimes(printed).trim().replace(/ +$/gm, ''));
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
