import type { ActivationShift, Precision, PreActivationRange } from '../../model/network.js';
import type { AccumulatorBits } from '../../model/quantized-model.js';
import { ACCUMULATOR_WIDTHS } from '../../model/range-proof.js';
import { trainingRule } from '../../model/weight-scales.js';
import { MOST_LOST } from '../accumulators.js';
import { PROVISIONAL_RANGE } from '../fixed-point.js';
import type { Calibration, LayerShape } from '../parameters.js';
import { ACTIVATION_SHIFTS, coarsestScale, losesLittle, mayShift } from '../activation-shifts.js';
import * as at from './assembly/layout.js';
import { recordOf } from './layer-memory.js';
import type { EngineMemory } from './memory.js';
import type { Kernel } from './module.js';
import type { Stages } from './stages.js';

/** Quantises layer l; returns the width its sums got: `chooseAccumulator` of accumulators.ts, by the kernel's integers. */
function quantizeFreely(
  l: number,
  { view }: EngineMemory,
  kernel: Kernel,
  { setAccumulator }: Stages,
  isClipped: boolean,
): AccumulatorBits | undefined {
  view.setInt32(at.H_MEASURES, 1, true);
  const width = ACCUMULATOR_WIDTHS.find((bits) => {
    setAccumulator(l, bits);
    if (kernel.quantizeLayer(l) <= 1 || bits === 32) return true;
    return !isClipped && kernel.lostShare(l) <= view.getFloat64(at.H_FREELY_LOST, true) + MOST_LOST;
  });
  view.setInt32(at.H_MEASURES, 0, true);
  return width;
}

/** `chooseActivationShift` of activation-shifts.ts, by the kernel's integers; leaves layer l quantised by what it returns. */
function quantizeByShift(
  l: number,
  shape: LayerShape,
  range: PreActivationRange,
  { view }: EngineMemory,
  kernel: Kernel,
  { setRange, setActivationShift }: Stages,
): ActivationShift | undefined {
  const base = view.getFloat64(recordOf(l) + at.L_BASE_SCALE, true);
  const free = kernel.lostShare(l);
  view.setFloat64(at.H_MOST_SCALE, coarsestScale(shape, base), true);
  const shift = ACTIVATION_SHIFTS.find((candidate) => {
    setActivationShift(l, candidate);
    return kernel.quantizeLayer(l) >= 0 && losesLittle(free, kernel.lostShare(l));
  });
  view.setFloat64(at.H_MOST_SCALE, Infinity, true);
  if (!shift) {
    setRange(l, range);
    kernel.quantizeLayer(l);
  }
  return shift;
}

/** As `calibrateFixedPoint` of fixed-point.ts, over the rows in `engine.calibration`. Epochs can be short: so is this. */
export function calibrate(
  engine: EngineMemory,
  kernel: Kernel,
  stages: Stages,
  shapes: readonly LayerShape[],
  precision: Precision,
  threads: number,
): Calibration[] {
  const { view, calibration } = engine;
  const isClipped = trainingRule(precision).clip !== undefined;
  return shapes.map((shape, l) => {
    const isOutput = l === shapes.length - 1;
    if (!isOutput) stages.setRange(l, PROVISIONAL_RANGE);
    let accumulator: AccumulatorBits | undefined;
    if (precision.accumulator === 'auto') accumulator = quantizeFreely(l, engine, kernel, stages, isClipped);
    else kernel.quantizeLayer(l);
    if (isOutput) return { range: null, accumulator };
    kernel.measureRange(l, calibration.byteOffset, calibration.length, threads);
    const range = { low: view.getFloat64(at.H_LOW, true), high: view.getFloat64(at.H_HIGH, true) };
    stages.setRange(l, range);
    kernel.quantizeLayer(l);
    const { activation } = shape;
    const activationShift = mayShift({ activation, accumulator }, precision)
      ? quantizeByShift(l, shape, range, engine, kernel, stages)
      : undefined;
    return { range, accumulator, activationShift };
  });
}

/** Quantises all layers as an earlier epoch calibrated them. */
export function quantizeAs(
  calibrations: readonly Calibration[],
  kernel: Kernel,
  { setAccumulator, setRange, setActivationShift }: Stages,
): void {
  calibrations.forEach(({ range, accumulator, activationShift }, l) => {
    if (accumulator) setAccumulator(l, accumulator);
    if (range) setRange(l, range);
    if (activationShift) setActivationShift(l, activationShift);
    kernel.quantizeLayer(l);
  });
}
