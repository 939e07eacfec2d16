import { clearScreenDown, moveCursor } from 'node:readline';

/** A block of lines on a terminal that is drawn anew in its place. */
export interface LiveView {
  draw(lines: readonly string[]): void;
}

const REDRAW_MILLISECONDS = 50;

/** Draws at most twenty times a second: a faster sketch would only make it flicker. */
export function liveView(stdout: NodeJS.WriteStream): LiveView {
  let height = 0;
  let drawnAt = -Infinity;
  return {
    draw(lines) {
      const now = performance.now();
      if (now - drawnAt < REDRAW_MILLISECONDS) return;
      drawnAt = now;
      const width = (stdout.columns || 80) - 1;
      if (height > 0) moveCursor(stdout, 0, -height);
      clearScreenDown(stdout);
      stdout.write(lines.map((line) => `${line.slice(0, width)}\n`).join(''));
      height = lines.length;
    },
  };
}
