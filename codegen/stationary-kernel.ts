import type { QuantizedLayer } from '../model/quantized-model.js';
import { int } from './c-text.js';
import type { Core, Helper, Kernel, KernelFacts } from './kernel.js';
import { render, type TemplateValue } from './render.js';
import { STATIONARY_DIALECTS, type StationaryDialect } from './stationary-assembly.js';
import { opaque, wordKernel, type WordFunction } from './word-layer.js';
import { blockInstructions, savedRegisters } from './word-timing.js';

/** One sum of 32 bits to a register, whatever the accumulators need: each input is loaded once for a block of outputs. */

interface Blocks {
  /** Outputs of a block; the last block is filled up with weights of zero. */
  readonly size: number;
  readonly count: number;
  /** Inputs of a layer in steps; the last step is filled up with inputs of zero. */
  readonly steps: number;
}

function blocksOf({ inputs, outputs }: QuantizedLayer, { sums, inputsPerStep }: StationaryDialect): Blocks {
  const count = Math.ceil(outputs / sums.length);
  return { size: Math.ceil(outputs / count), count, steps: Math.ceil(inputs / inputsPerStep) };
}

/** Block after block, step after step: for each output of the block the weights of the step's inputs. */
export function stationaryWeights(layer: QuantizedLayer, dialect: StationaryDialect): Int8Array | Uint8Array {
  const { inputs, outputs, weights } = layer;
  const { offset, inputsPerStep } = dialect;
  const { size, count, steps } = blocksOf(layer, dialect);
  const bytes: number[] = [];
  for (let block = 0; block < count; block++) {
    for (let step = 0; step < steps; step++) {
      for (let n = block * size; n < (block + 1) * size; n++) {
        for (let i = step * inputsPerStep; i < (step + 1) * inputsPerStep; i++)
          bytes.push(offset + (n < outputs && i < inputs ? weights[n * inputs + i] : 0));
      }
    }
  }
  return offset === 0 ? Int8Array.from(bytes) : Uint8Array.from(bytes);
}

/** Bytes beyond what the weights would take packed. */
function extraBytes({ layer, core }: KernelFacts): number {
  const dialect = STATIONARY_DIALECTS[core]!;
  const { size, count, steps } = blocksOf(layer, dialect);
  const { inputs, outputs, weightBits } = layer;
  return size * count * steps * dialect.inputsPerStep - (inputs * outputs * weightBits) / 8;
}

const skips = (size: number, constantTime: boolean): boolean => !constantTime && size > 1;

interface Block {
  readonly helper: Helper;
  readonly instructions: ReturnType<typeof blockInstructions>;
  readonly saved: number;
}

function workOf(
  { layer, constantTime }: KernelFacts,
  { size, count }: Blocks,
  inputsPerStep: number,
  { instructions: { call, worked, skipped }, saved }: Block,
): WordFunction['work'] {
  const steps = Math.ceil(layer.inputs / inputsPerStep);
  const tail = layer.inputs % inputsPerStep;
  // Inputs behind the last whole step go through a block of their own.
  const calls = count * (tail > 0 && layer.inputs > inputsPerStep ? 2 : 1);
  const skip = skips(size, constantTime);
  return {
    always: {
      exact: calls * call + count * steps * (skip ? skipped : worked),
      'stationary call': calls,
      // Compilers make of each size a loop of its own.
      [`stationary block of ${size}`]: count,
      'stationary bias': size * count,
      'stationary tail': tail > 0 ? 1 : 0,
      'stationary tail input': tail,
      'saved register': calls * saved,
    },
    step: {},
    inputsPerStep,
    eachStep: new Float64Array(steps).fill(skip ? count * (worked - skipped) : 0),
    stackBytes: 4 * (size + saved),
  };
}

/** Registers that a block changes and the compiler has to save. */
function changedRegisters({ scratch, byHand, sums }: StationaryDialect, size: number): string[] {
  const all = [...scratch, ...sums.slice(0, size)];
  return all.filter((register) => !byHand.includes(register));
}

/** Values of the template for the block's assembly. */
function blockAssembly(
  dialect: StationaryDialect,
  size: number,
  skip: boolean,
): Record<string, TemplateValue> {
  const [xRegister, stepsRegister, weightsRegister, sumsRegister] = dialect.arguments;
  const changed = changedRegisters(dialect, size);
  return {
    guard: dialect.guard,
    code: dialect.block(size, skip),
    xRegister,
    stepsRegister,
    weightsRegister,
    sumsRegister,
    kept: dialect.kept ?? false,
    clobbers: changed.map((register) => `"${register}"`).join(', '),
  };
}

function blockHelper(core: Core, prefix: string, size: number, skip: boolean): Block {
  const dialect = STATIONARY_DIALECTS[core]!;
  const name = `${prefix}_stationary${int(size)}`;
  const code = render('kernels/stationary-block.c.hbs', {
    PREFIX: prefix.toUpperCase(),
    name,
    size: int(size),
    skip,
    type: dialect.offset === 0 ? 'int8_t' : 'uint8_t',
    read: dialect.offset === 0 ? 'READ_I8' : 'READ_U8',
    offset: dialect.offset !== 0 && int(dialect.offset),
    four: dialect.inputsPerStep === 4,
    ...blockAssembly(dialect, size, skip),
  });
  const saved = savedRegisters(core, changedRegisters(dialect, size));
  const terms = {
    'stationary block': 1,
    'stationary block sum': size,
    'stationary block skip': skip ? 1 : 0,
    'saved register': saved,
  };
  return {
    helper: { name, code, size: terms },
    instructions: blockInstructions(dialect.block(size, skip)),
    saved,
  };
}

function stationary(facts: KernelFacts, prefix: string): WordFunction {
  const { core, constantTime } = facts;
  const { inputsPerStep, offset } = STATIONARY_DIALECTS[core]!;
  const blocks = blocksOf(facts.layer, STATIONARY_DIALECTS[core]!);
  const { size, count } = blocks;
  const block = blockHelper(core, prefix, size, skips(size, constantTime));
  return {
    template: 'kernels/stationary.c.hbs',
    variant: `layer${int(size)}`,
    context: {
      block: block.helper.name,
      type: offset === 0 ? 'int8_t' : 'uint8_t',
      size: int(size),
      four: inputsPerStep === 4,
    },
    helpers: [opaque(prefix), block.helper],
    work: workOf(facts, blocks, inputsPerStep, block),
    blocks: count,
    rounds: {},
    spentBytes: Math.max(0, extraBytes(facts)),
  };
}

/** Outputs that fill the last block up. */
function filledOutputs({ layer, core }: KernelFacts): number {
  const { size, count } = blocksOf(layer, STATIONARY_DIALECTS[core]!);
  return size * count - layer.outputs;
}

export const STATIONARY_KERNEL: Kernel = wordKernel(
  {
    name: 'input-stationary',
    // A budget of nothing still pays for whole bytes of weights that are whole bytes anyway.
    suits: (facts) => facts.layer.weightBits === 8 || extraBytes(facts) <= facts.flashBudget,
    weights: ({ layer, core }) => {
      const dialect = STATIONARY_DIALECTS[core]!;
      return {
        type: dialect.offset === 0 ? 'int8_t' : 'uint8_t',
        values: stationaryWeights(layer, dialect),
        comment:
          (dialect.offset === 0 ? '' : `+ ${dialect.offset} `) +
          (dialect.inputsPerStep === 1
            ? 'in blocks of outputs: (inputs, block)'
            : 'in blocks of outputs: (inputs / 4, block, 4)'),
      };
    },
    biasApart: true,
    biasPadding: filledOutputs,
  },
  stationary,
);
