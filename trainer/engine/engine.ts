import { availableParallelism } from 'node:os';
import { log } from '../../model/elementary.js';
import { calibrate, quantizeAs } from './calibration.js';
import { LARGEST_WEIGHT, learningRateAt, type RunEpoch, type Setting } from '../epochs.js';
import { quantizeDense } from '../../model/quantization.js';
import { trainingRule } from '../../model/weight-scales.js';
import { drawKey } from '../noise.js';
import type { TrainOptions } from '../options.js';
import { layersOf } from '../parameters.js';
import { isSettled } from '../schedules.js';
import type { Seen } from '../step.js';
import * as at from './assembly/layout.js';
import { integerInputs, realInputs } from './inputs.js';
import { layOut, writeParameters } from './memory.js';
import { compile, kernelOf } from './module.js';
import { createPace, startSecondThread, steadyPace } from './second-thread.js';
import { createStages, type Stages } from './stages.js';

/**
 * Training in WebAssembly, epoch by epoch. Numbers are f32 where the reference's are float64; the integers of the
 * fixed-point forward pass are those of model/quantization.ts, exactly.
 */

/** Larger batches are rare and would take memory by the row; the reference goes through them in chunks. */
const LARGEST_BATCH = 65_536;
const LARGEST_SPARSE_BATCH = 4096;
/** The lecture's own steps over few rows keep the digits of float64: one can follow them by hand. */
const LECTURE_ROWS = 1024;
/** From this many multiplications in the whole run on, optimised machine code from the start pays. */
const LONG_RUN = 2e8;
/** From this many multiplications on, a second thread gains more than starting it costs … */
const LEAST_SHARED_RUN = 2e9;
/** … if a step has so many that the threads seldom wait for one another. */
const LEAST_SHARED_STEP = 5e4;
/** After about this many multiplications, some ten milliseconds, the number of threads may change. */
const STRETCH = 1e8;
/** For a second thread that is asked for: it starts in some tens of them. */
const MOST_MILLISECONDS = 10_000;

/** What the engine computes; anything else is left to the reference. */
function isSupported({ batch, output }: TrainOptions, size: number): boolean {
  const isLecture = batch === 'full' && size <= LECTURE_ROWS;
  return output !== 'step' && size <= LARGEST_BATCH && !isLecture;
}

/** What both threads' parts of the rows add up to. */
function readSeen(view: DataView, hasClasses: boolean): Seen {
  let cost = 0;
  let right = 0;
  for (let part = 0; part < at.MOST_THREADS; part++) {
    const record = at.THREADS + part * at.THREAD_BYTES;
    const logarithm = log(view.getFloat64(record + at.T_PRODUCT, true));
    const exponent = view.getInt32(record + at.T_EXPONENT, true);
    cost += view.getFloat64(record + at.T_COST, true) + logarithm + exponent * Math.LN2;
    right += view.getInt32(record + at.T_RIGHT, true);
  }
  return { cost, right: hasClasses ? right : 0 };
}

/**
 * Null where the engine lacks what is asked for, or the data exceed what 32-bit addresses reach. The result does not
 * depend on `threads`: by default they are chosen by the work there is and by what turns out to be faster.
 */
export function engineEpochs(setting: Setting, threads: 'auto' | 1 | 2 = 'auto'): RunEpoch | null {
  const { data, scaling, shapes, parameters, classWeights, calibrationRows } = setting;
  const { options, carried, keep, random } = setting;
  const { fixedPoint, precision, dropout, inputNoise } = options;
  const size = options.batch === 'full' ? data.rows : Math.min(options.batch, data.rows);
  if (!isSupported(options, size)) return null;
  const makeInputs = () => (fixedPoint ? integerInputs(data, scaling, precision) : realInputs(data, scaling));
  const made = makeInputs();
  // With augmentation what is 0 changes with the epoch, with noise nothing is; and lists for large batches would be large.
  const isDense = options.augment !== null || inputNoise > 0 || size > LARGEST_SPARSE_BATCH;
  const inputs = isDense ? { ...made, sparse: null } : made;
  const engine = layOut(data.rows, setting, inputs, shapes, options, size, calibrationRows.length);
  if (!engine) return null;
  const { view, order, learningRates } = engine;
  engine.calibration.set(calibrationRows);
  if (classWeights) engine.classWeights.set(classWeights);
  writeParameters(engine, shapes, parameters);
  const stages: Stages | null = inputs.grid && createStages(engine, shapes, inputs.grid, precision);
  const weights = parameters.vector.length;
  const work = weights * data.rows * options.epochs;
  const compiled = compile(work > LONG_RUN);
  const kernel = kernelOf(compiled, engine.memory, (l, step) => stages?.stage(l, step));
  if (engine.isWide) kernel.widenInputs();
  const isShared =
    work > LEAST_SHARED_RUN && weights * size > LEAST_SHARED_STEP && availableParallelism() > 1;
  const isAssisted = threads === 'auto' ? isShared : threads === 2;
  const second = isAssisted ? startSecondThread({ compiled, memory: engine.memory }) : null;
  if (threads === 2) Atomics.wait(new Int32Array(engine.memory.buffer), at.H_READY / 4, 0, MOST_MILLISECONDS);
  const pace = threads === 'auto' ? createPace() : steadyPace(threads);
  const updates = learningRates.length;
  keep('powers', engine.powers);
  engine.learnt.forEach((array, k) => keep(`engine, ${options.optimizer} ${k + 1}`, array));

  let areSettled = false;

  function writeLearningRates(epoch: number): void {
    if (areSettled) return;
    for (let update = 0; update < updates; update++) {
      learningRates[update] = learningRateAt(options, epoch, update, updates);
    }
    areSettled = isSettled(options.schedule, options.warmUp, epoch - 1);
  }

  /** Throws the reference's `Problem` for weights that the kernel could not quantise. */
  function explainOverflow(): void {
    let grid = inputs.grid!;
    for (const layer of layersOf(parameters, shapes, carried.read())) {
      grid = quantizeDense(layer, grid, trainingRule(precision)).grid ?? grid;
    }
  }

  const threadsNow = (): number => (second && kernel.isAssisted() ? pace.threads() : 1);

  /** Whether the engine's memory has what `carried` has. */
  let isCalibrated = false;

  /** Returns whether it left the layers quantised: where nothing is new, the first step does it quicker. */
  function prepareLayers(epoch: number, of: Stages): boolean {
    const isDue = carried.isDue(epoch);
    if (isDue) carried.write(calibrate(engine!, kernel, of, shapes, precision, threadsNow()));
    else if (isCalibrated) return false;
    else quantizeAs(carried.read(), kernel, of);
    isCalibrated = true;
    return true;
  }

  function runSteps(isQuantized: boolean): void {
    kernel.beginEpoch(isQuantized ? 1 : 0);
    const { rows } = data;
    if (!second) {
      kernel.runSteps(0, rows, 1);
      return;
    }
    const stretch = size * Math.ceil(STRETCH / (weights * size));
    for (let from = 0; from < rows && view.getInt32(at.H_STATUS, true) === at.OK; from += stretch) {
      const count = Math.min(stretch, rows - from);
      const chosen = threadsNow();
      const start = performance.now();
      kernel.runSteps(from, from + count, chosen);
      pace.took(chosen, (performance.now() - start) / count);
    }
  }

  const run = (epoch: number, rows: Uint32Array): Seen | null => {
    if (rows !== order) order.set(rows);
    if (options.augment) engine.writeInputs(makeInputs());
    if (dropout + inputNoise > 0) view.setBigUint64(at.H_KEY, drawKey(random), true);
    writeLearningRates(epoch);
    view.setInt32(at.H_STATUS, at.OK, true);
    const isQuantized = stages !== null && prepareLayers(epoch, stages);
    if (view.getInt32(at.H_STATUS, true) === at.OK) runSteps(isQuantized);
    const largest = kernel.readParameters();
    parameters.vector.set(engine.parameters);
    const status = view.getInt32(at.H_STATUS, true);
    if (status === at.BIAS_OVERFLOW) explainOverflow();
    const { cost, right } = readSeen(view, setting.targets === null);
    if (status !== at.OK || !Number.isFinite(cost) || !(largest <= LARGEST_WEIGHT)) return null;
    return { cost, right };
  };
  const words = new Uint32Array(engine.memory.buffer, at.H_RANDOM, random.state.words.length);
  const shuffle = (rows: Uint32Array): void => {
    if (rows !== order) order.set(rows);
    words.set(random.state.words);
    kernel.shuffle();
    random.state.words.set(words);
    if (rows !== order) rows.set(order);
  };
  return Object.assign(run, { order, shuffle, end: () => second?.end() });
}
