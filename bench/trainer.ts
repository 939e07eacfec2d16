import { readFileSync } from 'node:fs';
import { createRandom } from '../model/random.js';
import { carryCalibrations } from '../trainer/carried-calibrations.js';
import type { Keep } from '../trainer/carried-state.js';
import { referenceEpochs } from '../trainer/epochs.js';
import { INITIALIZERS } from '../trainer/initializers.js';
import { resolveOptions } from '../trainer/options.js';
import { allocateParameters, initialize } from '../trainer/parameters.js';
import { learnScaling } from '../trainer/standardization.js';
import { layerShapes, train } from '../trainer/train.js';
import { lowerDecile } from './tables.js';
import { loadData, WORKLOADS, type WorkloadName } from './workloads.js';

/**
 * trainer.js engine|reference float|fixed WORKLOAD ROWS EPOCHS: one training of ours, its speed as JSON. Beside the time of
 * all epochs that of one which nothing disturbs: of stretches of some milliseconds a tenth were faster. Neighbours on the
 * same machine, which come and go by the second, slow integers and floats unequally.
 */

const STRETCHES = 100;

const [kind, arithmetic, name, rows, epochs] = process.argv.slice(2);
const { data: dataName, hidden, batch } = WORKLOADS[name as WorkloadName];
const all = await loadData(dataName);
const data = {
  ...all,
  rows: Number(rows),
  values: all.values.subarray(0, Number(rows) * all.features.length),
  labels: all.labels!.subarray(0, Number(rows)),
};
const options = resolveOptions(
  {
    hidden,
    batch,
    epochs: Number(epochs) + 1, // the first warms up the compilers
    l2: 0,
    optimizer: 'adam',
    schedule: 'constant',
    learningRate: 0.001,
    fixedPoint: arithmetic === 'fixed',
  },
  data,
);

/** The float64 trainer, whatever the engine supports. */
function trainReference(onEpoch: (progress: { readonly epoch: number }) => void): void {
  const shapes = layerShapes(data.features.length, options);
  const parameters = allocateParameters(shapes);
  const random = createRandom(options.seed);
  initialize(parameters, shapes, INITIALIZERS[options.init], random);
  const order = Uint32Array.from({ length: data.rows }, (_, r) => r);
  const { scaling } = learnScaling(data, options.precision.activationBits);
  const calibrationRows = order.slice(0, 1024);
  const keep: Keep = (_, array) => array;
  const runEpoch = referenceEpochs({
    data,
    labels: data.labels,
    targets: null,
    scaling,
    shapes,
    parameters,
    classWeights: null,
    calibrationRows,
    options,
    carried: carryCalibrations(shapes, data.rows, options, keep),
    keep,
    random,
  });
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    random.shuffle(order);
    runEpoch(epoch, order);
    onEpoch({ epoch });
  }
}

/** Milliseconds at the end of the warm-up, and of each stretch of epochs behind it. */
const marks: number[] = [];
const stretch = Math.ceil(Number(epochs) / STRETCHES);
const clock = ({ epoch }: { readonly epoch: number }): void => {
  if (epoch === options.epochs || (epoch - 1) % stretch === 0) marks.push(performance.now());
};
if (kind === 'engine') await train(data, options, clock);
else trainReference(clock);
const memory = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
const [start, end] = [marks[0], marks[marks.length - 1]];
const whole = marks.slice(0, 1 + Math.floor(Number(epochs) / stretch));
const epochSeconds = lowerDecile(whole.slice(1).map((mark, k) => (mark - whole[k]) / stretch / 1000));
console.log(JSON.stringify({ seconds: (end - start) / 1000, epochSeconds, memory }));
