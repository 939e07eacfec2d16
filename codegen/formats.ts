import type { Board } from '../model/board.js';

/** Output formats: which template becomes which file. A new format is a new entry and its templates. */

export type Format = Board['formats'][number];

interface FormatFile {
  readonly template: string;
  /** Path in the generated folder; `{prefix}` and `{folder}` are filled in. */
  readonly path: string;
}

const modelFiles = (folder: string): FormatFile[] => [
  { template: 'model.h.hbs', path: `${folder}{prefix}.h` },
  { template: 'model.c.hbs', path: `${folder}{prefix}.c` },
  { template: 'weights.h.hbs', path: `${folder}{prefix}_weights.h` },
  { template: 'arithmetic.h.hbs', path: `${folder}{prefix}_arithmetic.h` },
];

export const FORMATS: Readonly<Record<Format, readonly FormatFile[]>> = {
  sketch: [
    ...modelFiles('src/'),
    { template: 'link/link.h.hbs', path: 'src/{prefix}_link.h' },
    { template: 'link/link.c.hbs', path: 'src/{prefix}_link.c' },
    { template: 'link/sketch.ino.hbs', path: '{folder}.ino' },
  ],
  c: [
    ...modelFiles(''),
    { template: 'link/link.h.hbs', path: 'verify/{prefix}_link.h' },
    { template: 'link/link.c.hbs', path: 'verify/{prefix}_link.c' },
    { template: 'link/host_main.c.hbs', path: 'verify/main.c' },
  ],
};
