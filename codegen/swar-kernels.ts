import { int } from './c-text.js';
import type { Core, Helper, Kernel, KernelFacts } from './kernel.js';
import { render, type TemplateValue } from './render.js';
import { DIALECTS, type Dialect } from './swar-assembly.js';
import { blocksOf, extraBytes, halfHelpers, numbers, skips, weights } from './swar-words.js';
import { UNROLLED_KERNEL } from './unrolled-kernel.js';
import { wordKernel, type WordFunction } from './word-layer.js';
import { blockInstructions, savedRegisters } from './word-timing.js';

/** SWAR kernels: unrolled, and as a loop over the inputs. */

/** Registers that a block changes and the compiler has to save. */
function changedRegisters(dialect: Dialect, words: number): string[] {
  const all = [...dialect.scratch, ...dialect.sums.slice(0, words)];
  return all.filter((register) => !dialect.byHand.includes(register));
}

/** Values of the template for the block's assembly. */
function blockAssembly(dialect: Dialect, words: number, skip: boolean): Record<string, TemplateValue> {
  const [xRegister, inputsRegister, wordRegister, sumsRegister] = dialect.arguments;
  const changed = changedRegisters(dialect, words);
  return {
    guard: dialect.guard,
    code: dialect.block(words, skip),
    xRegister,
    inputsRegister,
    wordRegister,
    sumsRegister,
    kept: dialect.kept ?? false,
    clobbers: changed.map((register) => `"${register}"`).join(', '),
  };
}

/** The sums of one block, for any number of inputs. */
function blockHelper(
  core: Core,
  prefix: string,
  words: number,
  constantTime: boolean,
): { helper: Helper; instructions: ReturnType<typeof blockInstructions>; saved: number } {
  const name = `${prefix}_swar${int(words)}`;
  const dialect = DIALECTS[core]!;
  const skip = skips(words, constantTime);
  const code = render('kernels/swar-block.c.hbs', {
    prefix,
    PREFIX: prefix.toUpperCase(),
    name,
    size: int(words),
    outputs: int(2 * words),
    words: numbers(words),
    skip,
    ...blockAssembly(dialect, words, skip),
  });
  const saved = savedRegisters(core, changedRegisters(dialect, words));
  const size = {
    'swar block': 1,
    'swar block word': words,
    'swar block skip': skip ? 1 : 0,
    'saved register': saved,
  };
  return {
    helper: { name, code, size },
    instructions: blockInstructions(dialect.block(words, skip)),
    saved,
  };
}

function looped(facts: KernelFacts, prefix: string): WordFunction {
  const { inputs, outputs } = facts.layer;
  const { size, count } = blocksOf(facts);
  const { helper, instructions, saved } = blockHelper(facts.core, prefix, size, facts.constantTime);
  const { call, worked, skipped } = instructions;
  const skip = skips(size, facts.constantTime);
  return {
    template: 'kernels/swar.c.hbs',
    variant: `swar${int(size)}`,
    context: { block: helper.name, size: int(size), blockOutputs: int(2 * size) },
    helpers: [...halfHelpers(facts, prefix), helper],
    work: {
      always: {
        exact: count * (call + inputs * (skip ? skipped : worked)),
        'swar odd output': outputs % 2,
        'saved register': count * saved,
      },
      step: {},
      inputsPerStep: 1,
      eachStep: new Float64Array(inputs).fill(skip ? count * (worked - skipped) : 0),
      stackBytes: 4 * (size + saved),
    },
    blocks: count,
    rounds: {},
    spentBytes: extraBytes(facts),
  };
}

export const SWAR_KERNELS: readonly Kernel[] = [
  UNROLLED_KERNEL,
  wordKernel(
    {
      name: 'swar',
      suits: (facts) => extraBytes(facts) <= facts.flashBudget,
      weights,
      biasApart: false,
      isWord: true,
    },
    looped,
  ),
];
