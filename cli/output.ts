import { clearLine, cursorTo } from 'node:readline';
import pc from 'picocolors';
import { t } from '../model/messages.js';
import { sparkline } from './sparkline.js';
import { columnsOf, wrapped } from './wrap.js';

/** Where everything that a person or a script reads goes through. Results to stdout, everything else to stderr. */

export type Colours = ReturnType<typeof pc.createColors>;

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean;
}

export interface Output extends OutputOptions {
  /** For the lines of a result. */
  readonly colours: Colours;
  readonly errorColours: Colours;
  /**
   * The one result of the command: an object for scripts; or for people lines, which a narrow terminal breaks at blanks,
   * or a text that has to stay as it is. `brief` is what --quiet leaves of a report, in one line; without it the lines are
   * what was asked for, and stay.
   */
  readonly result: (
    object: object,
    lines: (colours: Colours) => readonly string[] | string,
    brief?: string,
  ) => void;
  readonly hasResult: () => boolean;
  /** Something worth knowing that is not the result. */
  readonly note: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Something only --verbose shows. */
  readonly detail: (text: string) => void;
  /**
   * The state of something that takes long; the next call replaces it. Only on a terminal, where `course`, the values
   * so far, is drawn as a small curve behind it, as far as there is room.
   */
  readonly progress: (text: string, course?: readonly number[]) => void;
  readonly endProgress: () => void;
}

const REDRAW_MILLISECONDS = 80;
/** What a terminal adds for Ctrl-C: were there no room, it would go on below, and the line above would stay. */
const INTERRUPTION = '^C';
const CURVE = { least: 4, most: 24 } as const;

/** As much of a text as fits: without the last of its parts, which two blanks separate, rather than cut inside of one. */
export function fitting(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = text.slice(0, width + 2).lastIndexOf('  ');
  return text.slice(0, end > 0 ? end : width);
}

export function createOutput(options: OutputOptions): Output {
  const { stdout, stderr } = process;
  const mayColour = (stream: NodeJS.WriteStream): boolean =>
    options.color && stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const colours = pc.createColors(mayColour(stdout));
  const errorColours = pc.createColors(mayColour(stderr));
  const isLive = stderr.isTTY === true && process.env.TERM !== 'dumb';
  let lastProgress = -Infinity;
  let isLineOpen = false;
  let resulted = false;

  function endProgress(): void {
    if (!isLineOpen) return;
    cursorTo(stderr, 0);
    clearLine(stderr, 0);
    isLineOpen = false;
  }

  function line(text: string, label?: string): void {
    endProgress();
    stderr.write(`${wrapped(text, columnsOf(stderr), label)}\n`);
  }

  function progress(text: string, course: readonly number[] = []): void {
    if (options.quiet || !isLive) return;
    const now = performance.now();
    if (now - lastProgress < REDRAW_MILLISECONDS) return;
    lastProgress = now;
    const width = columnsOf(stderr) - INTERRUPTION.length - 1;
    const shown = fitting(text, width);
    const room = Math.min(width - shown.length - 2, CURVE.most);
    const curve = room < CURVE.least || course.length < 2 ? '' : `  ${sparkline(course, room)}`;
    cursorTo(stderr, 0);
    stderr.write(`${errorColours.dim(shown)}${curve && errorColours.cyan(curve)}`);
    clearLine(stderr, 1);
    isLineOpen = true;
  }

  return {
    ...options,
    colours,
    errorColours,
    hasResult: () => resulted,
    result(object, lines, brief) {
      endProgress();
      resulted = true;
      const shown = options.json ? JSON.stringify(object) : options.quiet && brief ? [brief] : lines(colours);
      const fitted = (line: string): string => wrapped(line, columnsOf(stdout));
      stdout.write(`${typeof shown === 'string' ? shown : shown.map(fitted).join('\n')}\n`);
    },
    note: (text) => {
      if (!options.quiet) line(errorColours.dim(text));
    },
    warn: (text) => line(text, `${errorColours.yellow(t`warning:`)} `),
    detail: (text) => {
      if (options.verbose) line(errorColours.dim(text));
    },
    progress,
    endProgress,
  };
}
