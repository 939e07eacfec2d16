import type { Board } from '../model/board.js';
import { entryOf, RAW_TYPES } from '../model/network.js';
import { TOOL_VERSION } from '../model/package-root.js';
import { Problem } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { architecture } from '../model/network.js';
import { accumulatorRange } from '../model/range-proof.js';
import { commentText, int, stringLiteral } from './c-text.js';
import { constantArray, type ConstantArray } from './constant-array.js';
import { FORMATS, type Format } from './formats.js';
import { generateLayers } from './layers.js';
import { checkPrefix, checkSketchName, classEnumerators, suggestPrefix } from './names.js';
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
  /** The model's constants in flash and its static buffers in RAM, in bytes, without code. */
  readonly constantBytes: number;
  readonly bufferBytes: number;
  /** Estimate of what the model adds to a program, code included; bench/device-figures.json has measured ones. */
  readonly flashBytes: number;
  /** What the model adds to the RAM of a program: buffers, inputs and outputs. */
  readonly ramBytes: number;
}

/** Two buffers take turns: layer 1 writes the first, layer 2 the second, layer 3 the first again. */
function activationBuffers(model: QuantizedModel): { name: string; length: string; bytes: number }[] {
  const hidden = model.layers.slice(0, -1);
  return ['odd', 'even'].flatMap((name, parity) => {
    const widths = hidden.filter((_, l) => l % 2 === parity).map((layer) => layer.outputs);
    const bytes = Math.max(0, ...widths);
    return bytes > 0 ? [{ name, length: int(bytes), bytes }] : [];
  });
}

function layerCalls(model: QuantizedModel, prefix: string): string[] {
  const last = model.layers.length - 1;
  const bufferOf = (l: number): string =>
    l < 0 ? 'inputs' : l === last ? 'outputs' : l % 2 === 0 ? 'odd' : 'even';
  return model.layers.map((_, l) => `${prefix}_layer${int(l + 1)}(${bufferOf(l - 1)}, ${bufferOf(l)});`);
}

function inputArrays({ input }: QuantizedModel): ConstantArray[] {
  if (input.low.length === 1) return [];
  return [
    constantArray(
      'feature_low',
      'int32_t',
      input.low,
      'Input scaling: the raw value of each feature that becomes 0.',
    ),
    constantArray(
      'feature_span',
      'uint16_t',
      input.span,
      'Input scaling: raw values that far above it saturate.',
    ),
    constantArray('feature_multiplier', 'uint32_t', input.multiplier, 'Input scaling: over 2^16.'),
  ];
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

/** "[3] petal_width: raw = round(value * 1e1), -1..31 used" for the header. */
function unitLines({ input }: QuantizedModel): string[] {
  const line = (who: string, i: number): string => {
    const decimals = entryOf(input.decimals, i);
    const value = decimals > 0 ? `value * 1e${decimals}` : decimals < 0 ? `value / 1e${-decimals}` : 'value';
    const low = entryOf(input.low, i);
    return `${who}: raw = round(${value}); what lies beyond ${int(low)}..${int(low + entryOf(input.span, i))} counts as its nearer end`;
  };
  if (input.low.length === 1) return [line('every feature', 0)];
  return input.features.map((name, i) => line(`[${i}] ${commentText(name)}`, i));
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
    ` * Constants ${constantBytes} bytes, static buffers ${bufferBytes} bytes; no heap, no floating point.`,
    ' * Accumulators cannot overflow:',
    ...bounds,
    ' */',
  ].join('\n');
}

const RAW_C_TYPES = { uint8: 'uint8_t', int16: 'int16_t', int32: 'int32_t' } as const;

function outputMeaning(model: QuantizedModel): string {
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
  const folder = format === 'sketch' ? checkSketchName(request.folderName) : request.folderName;
  const enumerators = classEnumerators(model.classes);
  const layers = generateLayers(model.layers, board, constantTime, prefix);
  const helpers = new Map(layers.flatMap((layer) => layer.helpers).map(({ name, code }) => [name, code]));
  const arrays = [
    ...inputArrays(model),
    ...layers.flatMap((layer) => layer.arrays),
    classNameArray(model.classes),
  ];
  const buffers = activationBuffers(model);
  const constantBytes = arrays.reduce((sum, array) => sum + array.bytes, 0);
  const bufferBytes = buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
  const ramBytes =
    bufferBytes + model.input.features.length + 4 * model.layers[model.layers.length - 1].outputs;
  checkFits(board, arrays, constantBytes, ramBytes);

  const command = `neurona generate model.json --board ${board.id} --format ${format} --name ${prefix}${constantTime ? ' --constant-time' : ''} -o ${prefix}`;
  const { input } = model;
  const context: Record<string, TemplateValue> = {
    prefix,
    PREFIX: prefix.toUpperCase(),
    banner: banner(request, command, constantBytes, bufferBytes),
    baudRate: int(board.serial?.baudRate ?? 115200),
    features: int(input.features.length),
    lastFeature: int(input.features.length - 1),
    inputMaximum: int(input.maximum),
    outputs: int(model.layers[model.layers.length - 1].outputs),
    classCount: int(model.classes.length),
    lastClass: int(model.classes.length - 1),
    classNameSize: int(Math.max(...model.classes.map((name) => Buffer.byteLength(name) + 1))),
    rawBytes: int(RAW_TYPES[input.rawType].bytes),
    rawType: RAW_C_TYPES[input.rawType],
    hashBytes: modelHash.slice(0, 16).replace(/../g, '0x$&u, ').slice(0, -2),
    enumerators: enumerators.map((name, k) => ({
      name,
      value: int(k),
      comma: k < enumerators.length - 1 ? ',' : '',
    })),
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
    bufferBytes: int(bufferBytes),
    calls: layerCalls(model, prefix),
    kernels: [...helpers.values(), ...layers.map((layer) => layer.code)],
    arrays: arrays.map(({ name, type, length, rows, comment }) => ({ name, type, length, rows, comment })),
  };
  const files = FORMATS[format].map((file) => ({
    path: file.path.replace('{prefix}', prefix).replace('{folder}', folder),
    content: render(file.template, context),
  }));
  return {
    name: prefix,
    files,
    command,
    kernels: layers.map((layer) => layer.kernel),
    accumulators: model.layers.map((layer) => layer.accumulatorBits),
    constantBytes,
    bufferBytes,
    flashBytes: estimateFlash(board.core, constantBytes, layers),
    ramBytes,
  };
}
