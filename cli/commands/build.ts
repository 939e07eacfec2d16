import { BUILDER_NAMES } from '../../harness/toolchains.js';
import { defineCommand } from '../command-spec.js';
import { choice } from '../option-spec.js';
import { grouped, percent, textTable } from '../text-table.js';

export const build = defineCommand({
  name: 'build',
  group: 'From data to board:',
  summary: 'compile a generated project',
  description:
    'Compiles a generated folder with an installed compiler, or with arduino-cli, pio or idf.py: the first that is ' +
    'installed. What comes out lies in its build/ folder; a failed ' +
    'build leaves the earlier one alone and its log in build/build.log.',
  operands: { '<dir>': 'folder made by neurona generate' },
  groups: {
    'Build:': {
      toolchain: choice("what compiles (default: the board's usual one)", '<name>', BUILDER_NAMES),
    },
  },
  examples: [
    'neurona build firmware',
    'neurona build firmware --toolchain arduino-core',
    'neurona build firmware --toolchain arduino-cli',
  ],
  async run([directory], { toolchain }, { output }) {
    const [{ buildFirmware }, { findBoard }] = await Promise.all([
      import('../../harness/build.js'),
      import('../../model/board.js'),
    ]);
    output.progress(`compiling ${directory} …`);
    const built = await buildFirmware(directory, { toolchain });
    const board = findBoard(built.board);
    const use = (bytes: number, of: number | null): string[] =>
      of === null
        ? [`${grouped(bytes)} bytes`]
        : [`${grouped(bytes)} bytes`, `${percent(bytes / of)} of ${grouped(of)}`];
    built.warnings.forEach(output.warn);
    output.result(
      built,
      ({ bold }) => [
        `${bold(directory)}: built for ${board.name} with ${built.toolchain}`,
        '',
        ...textTable(
          [
            ['flash', ...use(built.flashBytes, board.flashBytes)],
            ['RAM', ...use(built.ramBytes, board.ramBytes)],
          ],
          ['left', 'right'],
        ),
        '',
        `program: ${built.hex ?? built.elf}`,
        '',
        `next: neurona verify ${directory} DATA`,
      ],
      `${directory}: ${grouped(built.flashBytes)} bytes of flash, ${grouped(built.ramBytes)} bytes of RAM`,
    );
  },
});
