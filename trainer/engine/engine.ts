import { log } from '../../model/elementary.js';
import type { PreActivationRange } from '../../model/network.js';
import { areReasonable, learningRateAt, type RunEpoch, type Setting } from '../epochs.js';
import { quantizeDense } from '../../model/quantization.js';
import type { TrainOptions } from '../options.js';
import { layersOf } from '../parameters.js';
import * as at from './assembly/layout.js';
import { integerInputs, realInputs } from './inputs.js';
import { copyParameters, layOut } from './memory.js';
import { instantiate } from './module.js';
import { createStages, type Stages } from './stages.js';

/**
 * Training in WebAssembly, an epoch per call. Numbers are f32 where the reference's are float64; the integers of the
 * fixed-point forward pass are those of model/quantization.ts, exactly.
 */

/** Larger batches are rare and would take memory by the row; the reference goes through them in chunks. */
const LARGEST_BATCH = 4096;
/** From this many multiplications in the whole run on, optimised machine code from the start pays. */
const LONG_RUN = 2e8;
const BETA1 = 0.9;
const BETA2 = 0.999;

/** What the engine computes; anything else is left to the reference. */
function isSupported(options: TrainOptions): boolean {
  const { batch, output, optimizer, l1, dropout, inputNoise, labelSmoothing, classWeights } = options;
  return (
    output !== 'step' &&
    batch !== 'full' &&
    batch <= LARGEST_BATCH &&
    (optimizer === 'adam' || optimizer === 'sgd') &&
    l1 + dropout + inputNoise + labelSmoothing === 0 &&
    classWeights === 'none'
  );
}

/** Null where the engine lacks what is asked for, or the data exceed what 32-bit addresses reach. */
export function engineEpochs(setting: Setting): RunEpoch | null {
  const { data, labels, scaling, shapes, parameters, calibrationRows, options } = setting;
  const { batch, fixedPoint, precision } = options;
  if (!isSupported(options) || batch === 'full' || !labels) return null;
  const makeInputs = () => (fixedPoint ? integerInputs(data, scaling, precision) : realInputs(data, scaling));
  const made = makeInputs();
  const inputs = options.augment ? { ...made, sparse: null } : made; // what is 0 changes with the epoch
  const size = Math.min(batch, data.rows);
  const engine = layOut(labels, inputs, shapes, options, size, calibrationRows.length);
  if (!engine) return null;
  const { view, order, rates, calibration } = engine;
  calibration.set(calibrationRows);
  copyParameters(engine, shapes, parameters, 'in');
  const stages: Stages | null = inputs.grid && createStages(engine, shapes, inputs.grid, precision);
  const work = parameters.vector.length * data.rows * options.epochs;
  const kernel = instantiate(engine.memory, work > LONG_RUN, (l, step) => stages?.stage(l, step));
  const updates = rates.length / 2;
  let ranges: PreActivationRange[] = [];
  let power1 = 1; // β1^t and β2^t, multiplied up because `**` is not fixed to the last bit
  let power2 = 1;

  /** As `calibrate` of fixed-point.ts. */
  function calibrate({ setRange }: Stages): void {
    ranges = shapes.slice(0, -1).map((_, l) => {
      setRange(l, { low: 0, high: 1 });
      kernel.quantizeLayer(l);
      kernel.measureRange(l, calibration.byteOffset, calibration.length);
      const range = { low: view.getFloat64(at.H_LOW, true), high: view.getFloat64(at.H_HIGH, true) };
      setRange(l, range);
      kernel.quantizeLayer(l);
      return range;
    });
  }

  function writeRates(epoch: number): void {
    for (let update = 0; update < updates; update++) {
      const rate = learningRateAt(options, epoch, update, updates);
      power1 *= BETA1;
      power2 *= BETA2;
      rates[2 * update] = options.optimizer === 'adam' ? rate / (1 - power1) : rate;
      rates[2 * update + 1] = 1 / (1 - power2);
    }
  }

  /** Throws the reference's `Problem` for weights that the kernel could not quantise. */
  function explainOverflow(): void {
    let grid = inputs.grid!;
    for (const layer of layersOf(parameters, shapes, ranges)) {
      grid = quantizeDense(layer, grid, precision).grid ?? grid;
    }
  }

  return (epoch, rows) => {
    order.set(rows);
    if (options.augment) engine.writeInputs(makeInputs());
    writeRates(epoch);
    view.setInt32(at.H_STATUS, at.OK, true);
    if (stages) calibrate(stages);
    if (view.getInt32(at.H_STATUS, true) === at.OK) kernel.runEpoch();
    copyParameters(engine, shapes, parameters, 'out');
    const status = view.getInt32(at.H_STATUS, true);
    if (status === at.BIAS_OVERFLOW) explainOverflow();
    const product = view.getFloat64(at.H_PRODUCT, true);
    const logarithm = log(product) + view.getInt32(at.H_EXPONENT, true) * Math.LN2;
    const cost = view.getFloat64(at.H_COST, true) + logarithm;
    if (status !== at.OK || !Number.isFinite(cost) || !areReasonable(parameters.vector)) return null;
    return { cost, right: view.getInt32(at.H_RIGHT, true) };
  };
}
