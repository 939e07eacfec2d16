import { allBoards, STACK_RESERVE_BYTES, type Board } from '../model/board.js';
import { m, t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { weightMaximum, type QuantizedLayer, type QuantizedModel } from '../model/quantized-model.js';
import { ACCUMULATOR_WIDTHS, accumulatorRange, narrowestAccumulator } from '../model/range-proof.js';
import { assumedActivity } from './activity.js';
import { estimate, type Estimate } from './estimate.js';
import type { Format } from './formats.js';
import { layOut, type Layout } from './layout.js';

/** Whether a generated model fits a board, and what would make it fit. */

export interface Shortfall {
  readonly code: 'object-too-large' | 'flash-exceeded' | 'near-flash-exceeded' | 'ram-exceeded';
  readonly message: string;
}

/** Of the flash that near reads reach: interrupt vectors and constants of the core and of other code. */
const NEAR_RESERVE = 2048;

const COUNTED = { program: m`program`, model: m`model` } as const;

/** What the core takes beside a model in a program for it; plain C may go without one. */
const besideModel = ({ emptySketch }: Board, format: Format, { counted }: Estimate): Board['emptySketch'] =>
  counted === 'model' && format !== 'c' ? emptySketch : null;

/** What a board has too little of; null where a program fits, with room for the stack. */
export function findShortfall(
  board: Board,
  format: Format,
  layout: Layout,
  estimated: Estimate,
): Shortfall | null {
  const { id, largestObjectBytes, flashBytes, ramBytes, nearFlashBytes } = board;
  const what = COUNTED[estimated.counted];
  const beside = besideModel(board, format, estimated);
  const array = layout.arrays.find(({ bytes }) => largestObjectBytes !== null && bytes > largestObjectBytes);
  if (flashBytes !== null && estimated.flashBytes + (beside?.flashBytes ?? 0) > flashBytes) {
    const message = beside
      ? t`the ${what} needs about ${estimated.flashBytes} bytes of flash and an empty sketch ${beside.flashBytes}; ${id} has ${flashBytes}`
      : t`the ${what} needs about ${estimated.flashBytes} bytes of flash; ${id} has ${flashBytes}`;
    return { code: 'flash-exceeded', message };
  }
  if (array) {
    const message = t`${array.name} needs ${array.bytes} bytes; the compiler for ${id} takes at most ${largestObjectBytes} in one array`;
    return { code: 'object-too-large', message };
  }
  // The linker puts constants before all code, so together they lie below this address.
  const near = nearFlashBytes === null ? Infinity : nearFlashBytes - NEAR_RESERVE;
  if (layout.constantBytes > near) {
    const message = t`the model's constants need ${layout.constantBytes} bytes; ${id} reads at most ${near} from the part of its flash that near reads reach`;
    return { code: 'near-flash-exceeded', message };
  }
  const ramNeed = estimated.ramBytes + Math.max(0, STACK_RESERVE_BYTES - estimated.stackBytes);
  if (ramBytes !== null && ramNeed + (beside?.ramBytes ?? 0) > ramBytes) {
    const message = beside
      ? t`the ${what} needs about ${ramNeed} bytes of RAM and an empty sketch ${beside.ramBytes}; ${id} has ${ramBytes}`
      : t`the ${what} needs about ${ramNeed} bytes of RAM; ${id} has ${ramBytes}`;
    return { code: 'ram-exceeded', message };
  }
  return null;
}

/**
 * What a board has too little of where the program fits without Arduino's core, but not with it; null where it fits both ways,
 * or neither.
 */
export function findCoreShortfall(
  board: Board,
  format: Format,
  layout: Layout,
  estimated: Estimate,
): string | null {
  const { withArduinoCore } = estimated;
  if (!withArduinoCore || findShortfall(board, format, layout, estimated)) return null;
  const shortfall = findShortfall(board, format, layout, { ...estimated, ...withArduinoCore });
  return shortfall && t`in the Arduino IDE, which adds Arduino's core: ${shortfall.message}`;
}

export interface FitRequest {
  readonly model: QuantizedModel;
  readonly board: Board;
  readonly format: Format;
  readonly constantTime: boolean;
}

/** By how much programs exceed their estimates at most, as bytes or a share. */
const SPARE = { bytes: 32, share: 0.02 } as const;
const withSpare = (bytes: number): number => bytes + Math.max(SPARE.bytes, Math.ceil(SPARE.share * bytes));

/** Whether a request will fit once it is trained, linked and measured. */
function willFit({ model, board, format, constantTime }: FitRequest): boolean {
  const layout = layOut(model, board, constantTime, 'm');
  const estimated = estimate(model, board, format, layout, [assumedActivity(model)]);
  const flashBytes = withSpare(estimated.flashBytes);
  const ramBytes = withSpare(estimated.ramBytes);
  return findShortfall(board, format, layout, { ...estimated, flashBytes, ramBytes }) === null;
}

/** With sums at least as wide as before: training may want them as they were. */
function prove(layer: QuantizedLayer): QuantizedLayer {
  const proven = narrowestAccumulator(accumulatorRange(layer)) ?? ACCUMULATOR_WIDTHS[2];
  return { ...layer, accumulatorBits: proven > layer.accumulatorBits ? proven : layer.accumulatorBits };
}

/** About what training with fewer bits gives: weights so much coarser. */
function withBits(model: QuantizedModel, weightBits: 4 | 2): QuantizedModel {
  const limit = weightMaximum(weightBits);
  const layers = model.layers.map((layer) => {
    const scale = limit / weightMaximum(layer.weightBits);
    return prove({ ...layer, weightBits, weights: layer.weights.map((w) => Math.round(w * scale)) });
  });
  return { ...model, layers };
}

const hiddenWidths = ({ layers }: QuantizedModel): number[] =>
  layers.slice(0, -1).map(({ outputs }) => outputs);

/** The same network with the first neurons of each hidden layer alone. */
function withHidden(model: QuantizedModel, widths: readonly number[]): QuantizedModel {
  const layers = model.layers.map((layer, l) => {
    const inputs = l === 0 ? layer.inputs : widths[l - 1];
    const outputs = l < widths.length ? widths[l] : layer.outputs;
    const weights = Int8Array.from({ length: inputs * outputs }, (_, k) => {
      return layer.weights[Math.floor(k / inputs) * layer.inputs + (k % inputs)];
    });
    const q = layer.requantization;
    const requantization = q && { ...q, multiplier: q.multiplier.slice(0, outputs) };
    return prove({
      ...layer,
      inputs,
      outputs,
      weights,
      bias: layer.bias.slice(0, outputs),
      requantization,
    });
  });
  return { ...model, layers };
}

/** The widest hidden layers, in the proportions they have, with which the request fits; null where none do. */
function fittingHidden(request: FitRequest): readonly number[] | null {
  const widths = hiddenWidths(request.model);
  const widest = Math.max(0, ...widths);
  const scaled = (width: number): number[] =>
    widths.map((w) => Math.max(1, Math.floor((w * width) / widest)));
  const fits = (width: number): boolean =>
    willFit({ ...request, model: withHidden(request.model, scaled(width)) });
  let most = 0; // fits
  let least = widest; // does not
  while (least - most > 1) {
    const middle = (most + least) >> 1;
    if (fits(middle)) most = middle;
    else least = middle;
  }
  return most > 0 ? scaled(most) : null;
}

/** The format in which a request goes to another board: its own, or that board's usual one for that of this one; null for none. */
function formatOn(other: Board, { board, format }: FitRequest): Format | null {
  if (other.formats.includes(format)) return format;
  return format === board.formats[0] ? other.formats[0] : null;
}

/** Changes that make a request fit, each found by estimating it. */
export function findChanges(request: FitRequest): string[] {
  const { model, board } = request;
  const bits = ([4, 2] as const).find(
    (b) =>
      model.layers.some(({ weightBits }) => weightBits > b) &&
      willFit({ ...request, model: withBits(model, b) }),
  );
  const widths = fittingHidden(request);
  const boards = allBoards().filter((other) => {
    const format = formatOn(other, request);
    return (
      other.id !== board.id &&
      other.flashBytes !== null &&
      format !== null &&
      willFit({ ...request, board: other, format })
    );
  });
  return [
    ...(bits ? [t`train with --bits ${bits}`] : []),
    ...(widths ? [t`train with --hidden ${widths.join(',')}`] : []),
    ...(boards.length > 0 ? [t`choose --board ${boards.map(({ id }) => id).join(t` or `)}`] : []),
  ];
}

/** Throws a `Problem` of kind `fit` where a board has too little, with need, have, and the changes that would do. */
export function checkFits(request: FitRequest, layout: Layout, estimated: Estimate): void {
  const shortfall = findShortfall(request.board, request.format, layout, estimated);
  if (!shortfall) return;
  const changes = findChanges(request);
  const hint =
    changes.length > 0 ? t`any of these would fit: ${changes.join('; ')}` : t`no board is large enough`;
  throw new Problem({ kind: 'fit', ...shortfall, hint });
}
