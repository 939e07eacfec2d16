import { boardName } from '../board-name.js';
import type { StandIn } from '../../harness/compile-model.js';
import { BUILDER_NAMES } from '../../harness/toolchains.js';
import type { Board } from '../../model/board.js';
import { m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { shellWords } from '../../model/shell-words.js';
import { nextProgram } from '../invocation.js';
import { choice } from '../option-spec.js';
import { grouped, percent, textTable } from '../text-table.js';

const standInLine = ({ compiler, insteadOf, isExperimental }: StandIn): string =>
  isExperimental
    ? t`compiled with ${compiler}, which is experimental for this processor, as ${insteadOf} is not installed: its code has another size`
    : t`compiled with ${compiler}, as ${insteadOf} is not installed`;

const nextLine = ({ runs }: Board, directory: string): string =>
  runs[0] === 'serial'
    ? t`next: ${nextProgram()} flash ${shellWords([directory])}`
    : t`next: ${nextProgram()} verify ${shellWords([directory])} DATA`;

export const build = defineCommand({
  name: 'build',
  group: 'From data to board:',
  summary: m`compile a generated project`,
  description: m`Compiles a generated folder with an installed compiler, or with arduino-cli, pio or idf.py: the first that is installed. Where none of them is that could make a program for the board, it compiles the model alone (bare), with a compiler for the processor. What comes out lies in its build/ folder; a failed build leaves the earlier one alone and its log in build/build.log.`,
  operands: { '<dir>': m`folder made by neurona generate` },
  groups: {
    'Build:': {
      toolchain: choice(m`what compiles (default: the board's usual one)`, m`<name>`, BUILDER_NAMES),
    },
  },
  examples: [
    'neurona build firmware',
    'neurona build firmware --toolchain arduino-core',
    'neurona build firmware --toolchain arduino-cli',
    'neurona build lib --toolchain bare',
  ],
  async run([directory], { toolchain }, { output }) {
    const [{ buildFirmware }, { findBoard }] = await Promise.all([
      import('../../harness/build.js'),
      import('../../model/board.js'),
    ]);
    output.progress(t`compiling ${directory} …`);
    const built = await buildFirmware(directory, { toolchain });
    const board = findBoard(built.board);
    const use = (bytes: number, of: number | null): string[] =>
      of === null
        ? [t`${grouped(bytes)} bytes`]
        : [t`${grouped(bytes)} bytes`, t`${percent(bytes / of)} of ${grouped(of)}`];
    built.warnings.forEach(output.warn);
    const { missing, standIn } = built;
    const isProgram = built.toolchain !== 'bare';
    const sizes = t`${directory}: ${grouped(built.flashBytes)} bytes of flash, ${grouped(built.ramBytes)} bytes of RAM`;
    output.result(
      built,
      ({ bold }) => [
        isProgram
          ? t`${bold(directory)}: built for ${boardName(board)} with ${built.toolchain}`
          : t`${bold(directory)}: the model compiled for ${boardName(board)}, with no program around it`,
        '',
        ...textTable(
          [
            [t`flash`, ...use(built.flashBytes, board.flashBytes)],
            [t`RAM`, ...use(built.ramBytes, board.ramBytes)],
          ],
          ['left', 'right'],
        ),
        '',
        isProgram ? t`program: ${built.hex ?? built.elf}` : t`object file: ${built.elf}`,
        ...(standIn ? ['', standInLine(standIn)] : []),
        ...(isProgram ? ['', nextLine(board, directory)] : []),
        ...(missing ? ['', t`${missing.tool} makes a program for the board: ${missing.install}`] : []),
      ],
      isProgram ? sizes : t`${sizes}, for the model alone`,
    );
  },
});
