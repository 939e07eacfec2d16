/** What a document shows of a terminal: the blocks ```console, with `$` before each command and its output below. */

export interface ShownCommand {
  readonly command: string;
  /** Line of the document, counted from 1. */
  readonly line: number;
  readonly output: string;
}

/** Commands whose here-document ends with END go on to that line. */
export function shownCommands(text: string): ShownCommand[] {
  const shown: { command: string; line: number; output: string[] }[] = [];
  let isConsole = false;
  let isOpen = false;
  for (const [k, line] of text.split('\n').entries()) {
    const last = shown.at(-1);
    if (line.startsWith('```')) isConsole = line === '```console';
    else if (!isConsole) continue;
    else if (isOpen && last) {
      last.command += `\n${line}`;
      isOpen = line !== 'END';
    } else if (line.startsWith('$ ')) {
      shown.push({ command: line.slice(2), line: k + 1, output: [] });
      isOpen = line.includes("<<'END'");
    } else last?.output.push(line);
  }
  return shown.map(({ output, ...rest }) => ({ ...rest, output: output.join('\n').trim() }));
}

/** Lines of the blocks ```sh that begin with `neurona` or `npx neurona`, without comments. */
export function unrunCommands(text: string): string[] {
  return [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block]) =>
    [...block.matchAll(/^(?:.*&& )?(?:npx )?neurona (.*?)(?:\s+#.*)?$/gm)].map(([, words]) => words),
  );
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
