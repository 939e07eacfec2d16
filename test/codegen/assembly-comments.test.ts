import { expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { generateFirmware } from '../../codegen/generate.js';
import { findBoard } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import { CORE_BOARDS, CORE_NAMES } from '../support/core-program.js';
import { randomModel } from '../support/random-model.js';

/** Registers and named operands in lines of assembly, as every core writes them. */
const NAMES = /\b(?:a\d+|r\d+|s\d+|t\d+|lr)\b|%\[\w+\]|%\d/g;

const random = createRandom(12);
const models = [
  ...[
    [4, 8, 3],
    [2, 5, 2],
    [17, 23, 11, 12],
    [64, 65, 10],
    [9, 1, 70, 1],
  ].flatMap((widths) => ([8, 4] as const).map((bits) => benchModel({ name: 'm', widths, zeros: 0.3 }, bits))),
  ...Array.from({ length: 20 }, () => randomModel(random, 4, 40)),
];

/** Pieces of assembly, each with the comment above it and those beside its lines. */
function assemblyOf(code: string): { comment: string; lines: string }[] {
  const pieces = /__asm__ ?(?:volatile)?\(\s*((?:"[^"]+\\n\\t[^"]*"\s*(?:\/\*[^*]*\*\/\s*)?)+)/g;
  return Array.from(code.matchAll(pieces), ({ index, 1: lines }) => {
    const above = code.slice(code.lastIndexOf('/*', index), code.lastIndexOf('*/', index));
    const beside = Array.from(lines.matchAll(/\/\*.*\*\//g), ([note]) => note);
    return { comment: [above, ...beside].join('\n'), lines: lines.replaceAll(/\/\*.*\*\//g, '') };
  });
}

test.each(['avr', ...CORE_NAMES] as const)(
  'every register and operand of the assembly for %s is explained',
  (core) => {
    const board = findBoard(core === 'avr' ? 'uno' : CORE_BOARDS[core]);
    const unexplained = new Set<string>();
    const blocks = new Set<string>();
    for (const one of [board, { ...board, flashBytes: null }])
      for (const constantTime of [false, true])
        for (const model of models) {
          const request = { model, modelHash: '0'.repeat(64), board: one, constantTime } as const;
          const { files } = generateFirmware({ ...request, format: 'c', name: 'm', folderName: 'm' });
          for (const { comment, lines } of assemblyOf(files.find(({ path }) => path === 'm.c')!.content)) {
            blocks.add(lines);
            for (const [name] of lines.matchAll(NAMES)) {
              const word = name.replace(/^%\[(?:sum\d+|(\w+))\]$/, '$1');
              if (word !== '' && !new RegExp(`(?<![%\\w])${word}\\b`).test(comment))
                unexplained.add(`${word}: ${comment.slice(0, 60)}`);
            }
          }
        }
    expect([...unexplained]).toEqual([]);
    expect(blocks.size).toBeGreaterThan(20);
  },
);
