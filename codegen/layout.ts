import type { Board } from '../model/board.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { int, stringLiteral } from './c-text.js';
import { constantArray, type ConstantArray } from './constant-array.js';
import type { Helper } from './kernel.js';
import { generateSteps, type GeneratedStep } from './layers.js';
import type { LayerWork } from './layer-work.js';
import { inputArrays, targetArrays } from './scaling.js';

/** What a generated model consists of, before it is text. */
export interface Layout {
  readonly steps: readonly GeneratedStep[];
  /** What each layer takes, and its kernel by its name in the table. */
  readonly work: readonly LayerWork[];
  readonly kernels: readonly string[];
  /** Whether addresses of code have more than 16 bits, so that calls take longer. */
  readonly isFar: boolean;
  readonly helpers: readonly Helper[];
  readonly arrays: readonly ConstantArray[];
  /** Between steps, and with those that steps have for themselves. */
  readonly buffers: readonly { readonly name: string; readonly length: string; readonly bytes: number }[];
  readonly allBuffers: readonly { readonly name: string; readonly bytes: number }[];
  /** Of all constants, and of the names of classes among them, which not every program uses. */
  readonly constantBytes: number;
  readonly nameBytes: number;
  /** Static buffers alone, and with inputs and outputs. */
  readonly bufferBytes: number;
  readonly ramBytes: number;
}

/** The last layer of each step. */
function lastLayers(steps: readonly GeneratedStep[]): number[] {
  let layers = 0;
  return steps.map(({ kernels }) => (layers += kernels.length) - 1);
}

/** Two buffers take turns: step 1 writes the first, step 2 the second, step 3 the first again. */
function activationBuffers(model: QuantizedModel, steps: readonly GeneratedStep[]): Layout['buffers'] {
  const between = lastLayers(steps)
    .slice(0, -1)
    .map((l) => model.layers[l].outputs);
  return ['odd', 'even'].flatMap((name, parity) => {
    const widths = between.filter((_, step) => step % 2 === parity);
    const bytes = Math.max(0, ...widths);
    return bytes > 0 ? [{ name, length: int(bytes), bytes }] : [];
  });
}

function classNameArray(classes: readonly string[]): ConstantArray {
  const text = Buffer.from(classes.map((name) => `${name}\0`).join(''), 'utf8');
  const comment = 'Class names in UTF-8, each ending in a zero.';
  // C99 promises no more than 4,095 characters in one string literal, and C itself adds a zero at its end.
  if (text.length >= 4095) return constantArray('class_names', 'uint8_t', text, comment);
  const rows = classes.map((name) => `    "${stringLiteral(name)}\\000"`).join('\n');
  const bytes = text.length + 1;
  return { name: 'class_names', type: 'uint8_t', length: int(bytes), rows, comment, bytes };
}

const sumOf = (parts: readonly { readonly bytes: number }[]): number =>
  parts.reduce((sum, { bytes }) => sum + bytes, 0);

/** Chooses the kernels and lays out constants and buffers. `prefix` is that of all C names. */
export function layOut(model: QuantizedModel, board: Board, constantTime: boolean, prefix: string): Layout {
  const { targets } = model;
  const steps = generateSteps(model.layers, board, constantTime, prefix);
  const helpers = new Map(steps.flatMap((step) => step.helpers).map((helper) => [helper.name, helper]));
  const names = targets ? [] : [classNameArray(model.classes)];
  const arrays = [
    ...inputArrays(model),
    ...steps.flatMap((step) => step.arrays),
    ...(targets ? targetArrays(targets) : names),
  ];
  const buffers = activationBuffers(model, steps);
  const allBuffers = [...buffers, ...steps.flatMap((step) => step.buffers)];
  const bufferBytes = sumOf(allBuffers);
  const outputs = model.layers[model.layers.length - 1].outputs;
  const work = steps.flatMap((step) => step.work);
  return {
    steps,
    work,
    kernels: steps.flatMap(({ kernels }) => kernels),
    isFar: board.nearFlashBytes !== null,
    helpers: [...helpers.values()],
    arrays,
    buffers,
    allBuffers,
    constantBytes: sumOf(arrays) + work.reduce((sum, { constantBytes = 0 }) => sum + constantBytes, 0),
    nameBytes: sumOf(names),
    bufferBytes,
    ramBytes: bufferBytes + model.input.features.length + 4 * outputs,
  };
}
