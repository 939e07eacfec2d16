import type { Board } from '../model/board.js';
import { RAW_TYPES } from '../model/network.js';
import { TOOL_VERSION } from '../model/package-root.js';
import { Problem } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { architecture } from '../model/network.js';
import { accumulatorRange } from '../model/range-proof.js';
import { int, stringLiteral } from './c-text.js';
import { constantArray, type ConstantArray } from './constant-array.js';
import { FORMATS, type Format } from './formats.js';
import { generateSteps, type GeneratedStep } from './layers.js';
import { checkLibraryName, checkPrefix, checkSketchName, enumeratorNames, suggestPrefix } from './names.js';
import { checkProjectFacts, PROJECT_DEFAULTS, projectContext, type ProjectFacts } from './project-facts.js';
import { floatInput, inputArrays, targetArrays, unitLines, valueLines } from './scaling.js';
import { render, type TemplateValue } from './render.js';
import { checkFits, estimateFlash } from './sizes.js';

export interface GenerateRequest {
  readonly model: QuantizedModel;
  /** SHA-256 of `model.json`, 64 hex digits. */
  readonly modelHash: string;
  readonly board: Board;
  readonly format: Format;
  /** Prefix of all C names; null makes one from the model's name. */
  readonly name: string | null;
  /** Name of the output folder, which an Arduino sketch's main file shares. */
  readonly folderName: string;
  /** Kernels whose time does not depend on the data, even where skipping zeros would be faster. */
  readonly constantTime: boolean;
  /** What a library or component says of itself; left out where the defaults will do. */
  readonly project?: Partial<ProjectFacts>;
}

export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

export interface Firmware {
  readonly name: string;
  readonly files: readonly GeneratedFile[];
  readonly command: string;
  /** The kernel of each layer, by its name in the table of kernels. */
  readonly kernels: readonly string[];
  /** Bits of each layer's accumulator. */
  readonly accumulators: readonly number[];
  /** What the model's constants in flash and its static buffers in RAM are, each in bytes. */
  readonly constants: readonly { readonly name: string; readonly bytes: number }[];
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
  /** The model's constants in flash and its static buffers in RAM, in bytes, without code. */
  readonly constantBytes: number;
  readonly bufferBytes: number;
  /** Estimate of what the model adds to a program, code included; bench/device-figures.json has measured ones. */
  readonly flashBytes: number;
  /** What the model adds to the RAM of a program: buffers, inputs and outputs. */
  readonly ramBytes: number;
}

/** The last layer of each step. */
function lastLayers(steps: readonly GeneratedStep[]): number[] {
  let layers = 0;
  return steps.map(({ kernels }) => (layers += kernels.length) - 1);
}

/** Two buffers take turns: layer 1 writes the first, layer 2 the second, layer 3 the first again. */
function activationBuffers(
  model: QuantizedModel,
  steps: readonly GeneratedStep[],
): { name: string; length: string; bytes: number }[] {
  const between = lastLayers(steps)
    .slice(0, -1)
    .map((l) => model.layers[l].outputs);
  return ['odd', 'even'].flatMap((name, parity) => {
    const widths = between.filter((_, step) => step % 2 === parity);
    const bytes = Math.max(0, ...widths);
    return bytes > 0 ? [{ name, length: int(bytes), bytes }] : [];
  });
}

function layerCalls(steps: readonly GeneratedStep[]): string[] {
  const last = steps.length - 1;
  const bufferOf = (step: number): string =>
    step < 0 ? 'inputs' : step === last ? 'outputs' : step % 2 === 0 ? 'odd' : 'even';
  return steps.map(({ name }, step) => `${name}(${bufferOf(step - 1)}, ${bufferOf(step)});`);
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

function banner(
  request: GenerateRequest,
  command: string,
  constantBytes: number,
  bufferBytes: number,
): string {
  const { model, modelHash } = request;
  const bounds = model.layers.map((layer, l) => {
    const { lowest, highest } = accumulatorRange(layer);
    return ` *   layer ${l + 1}: ${layer.inputs} x ${layer.outputs}, ${layer.weightBits}-bit weights, sums proven within ${lowest}..${highest} (${layer.accumulatorBits} bits)`;
  });
  return [
    '/*',
    ` * Generated by neurona ${TOOL_VERSION}: ${command}`,
    ` * Model ${architecture(model.layers)}, SHA-256 ${modelHash}`,
    ` * Constants ${constantBytes} bytes, static buffers ${bufferBytes} bytes; no heap, no floating point in the forward pass.`,
    ' * Accumulators cannot overflow:',
    ...bounds,
    ' */',
  ].join('\n');
}

/** Formats whose folder bears a name that Arduino restricts. */
const ARDUINO_FORMATS: ReadonlySet<Format> = new Set(['sketch', 'arduino-library']);
/** Formats that put the model's header on the path of every file of a program, where it must hide no other header. */
const LIBRARY_FORMATS: ReadonlySet<Format> = new Set(['arduino-library', 'platformio', 'esp-idf']);

const RAW_C_TYPES = { uint8: 'uint8_t', int16: 'int16_t', int32: 'int32_t' } as const;

function outputMeaning(model: QuantizedModel): string {
  if (model.targets) return 'Each stands for the value of a target.';
  return model.decision === 'sign' ? 'Positive means the second class.' : 'The largest names the class.';
}

/**
 * Integer model → the text of every file of a firmware folder. Pure: equal requests give equal bytes.
 * Throws a `Problem` for illegal or colliding names, and of kind `fit` where the board is too small.
 */
export function generateFirmware(request: GenerateRequest): Firmware {
  const { model, modelHash, board, format, constantTime } = request;
  if (!board.formats.includes(format)) {
    throw new Problem({
      kind: 'usage',
      code: 'format-not-for-board',
      message: `format "${format}" does not go with board "${board.id}"; it takes ${board.formats.join(', ')}`,
    });
  }
  const prefix = request.name === null ? suggestPrefix(model.name) : checkPrefix(request.name);
  const folder = ARDUINO_FORMATS.has(format) ? checkSketchName(request.folderName) : request.folderName;
  if (LIBRARY_FORMATS.has(format)) checkLibraryName(prefix);
  const facts = checkProjectFacts({ ...PROJECT_DEFAULTS, ...request.project }, format);
  const { targets } = model;
  const enumerators = targets
    ? enumeratorNames(targets.names, 'target')
    : enumeratorNames(model.classes, 'class');
  const steps = generateSteps(model.layers, board, constantTime, prefix);
  const helpers = new Map(steps.flatMap((step) => step.helpers).map(({ name, code }) => [name, code]));
  const arrays = [
    ...inputArrays(model),
    ...steps.flatMap((step) => step.arrays),
    ...(targets ? targetArrays(targets) : [classNameArray(model.classes)]),
  ];
  const kernels = [...helpers.values(), ...steps.map((step) => step.code)];
  const buffers = activationBuffers(model, steps);
  const constantBytes = arrays.reduce((sum, array) => sum + array.bytes, 0);
  const allBuffers = [...buffers, ...steps.flatMap((step) => step.buffers)];
  const bufferBytes = allBuffers.reduce((sum, { bytes }) => sum + bytes, 0);
  const ramBytes =
    bufferBytes + model.input.features.length + 4 * model.layers[model.layers.length - 1].outputs;
  const staticBytes = bufferBytes + model.input.features.length;
  checkFits(board, arrays, constantBytes, ramBytes);

  const command = `neurona generate model.json --board ${board.id} --name ${prefix}${constantTime ? ' --constant-time' : ''}`;
  const { input } = model;
  const last = model.layers[model.layers.length - 1];
  const context: Record<string, TemplateValue> = {
    prefix,
    PREFIX: prefix.toUpperCase(),
    banner: banner(request, command, constantBytes, staticBytes),
    ...projectContext(model, modelHash, board, prefix, enumerators, facts),
    ...floatInput(model),
    baudRate: int(board.serial?.baudRate ?? 115200),
    features: int(input.features.length),
    lastFeature: int(input.features.length - 1),
    inputMaximum: int(input.maximum),
    outputs: int(last.outputs),
    lastOutput: int(last.outputs - 1),
    regression: targets !== null,
    classCount: int(model.classes.length),
    lastClass: int(model.classes.length - 1),
    classNameSize: int(Math.max(0, ...model.classes.map((name) => Buffer.byteLength(name) + 1))),
    rawBytes: int(RAW_TYPES[input.rawType].bytes),
    rawType: RAW_C_TYPES[input.rawType],
    hashBytes: modelHash.slice(0, 16).replace(/../g, '0x$&u, ').slice(0, -2),
    enumerators: enumerators.map((name, k) => ({
      name,
      value: int(k),
      comma: k < enumerators.length - 1 ? ',' : '',
      ...(targets && {
        decimals: targets.decimals[k] < 0 ? `(${int(targets.decimals[k])})` : int(targets.decimals[k]),
        unit: `1e${targets.decimals[k]}`,
        places: int(Math.max(targets.decimals[k], 0)),
      }),
    })),
    valueUnits: targets ? valueLines(targets, last) : [],
    units: unitLines(model),
    outputMeaning: outputMeaning(model),
    decideBySign: model.decision === 'sign',
    decisionRule:
      model.decision === 'sign' ? 'the second one where the output is above 0.' : 'ties go to the lowest.',
    sharedScaling: input.low.length === 1,
    low: int(input.low[0]),
    span: int(input.span[0]),
    multiplier: int(input.multiplier[0]),
    buffers: buffers.map(({ name, length }) => ({ name, length })),
    constantBytes: int(constantBytes),
    staticBytes: int(staticBytes),
    calls: layerCalls(steps),
    kernels,
    // Compilers complain of a function that nobody calls.
    requantizes: kernels.some((code) => code.includes(`${prefix}_requantize(`)),
    arrays: arrays.map(({ name, type, length, rows, comment }) => ({ name, type, length, rows, comment })),
  };
  for (const part of ['arithmetic', 'constants']) context[part] = render(`${part}.c.hbs`, context);
  context.usage = render('project/usage.md.hbs', context);
  const files = FORMATS[format].map((file) => ({
    path: file.path.replaceAll('{prefix}', prefix).replace('{folder}', folder),
    content: render(file.template, { ...context, ...file.context }),
  }));
  return {
    name: prefix,
    files,
    command: `${command} --format ${format} -o ${prefix}`,
    kernels: steps.flatMap((step) => step.kernels),
    accumulators: model.layers.map((layer) => layer.accumulatorBits),
    constants: arrays.map(({ name, bytes }) => ({ name, bytes })),
    buffers: allBuffers,
    constantBytes,
    bufferBytes,
    flashBytes: estimateFlash(board.core, constantBytes, steps),
    ramBytes,
  };
}
