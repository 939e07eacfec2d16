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
import { loadData, WORKLOADS, type WorkloadName } from './workloads.js';

/** trainer.js engine|reference float|fixed WORKLOAD ROWS EPOCHS: one training of ours, its speed as JSON. */

const [kind, arithmetic, name, rows, epochs] = process.argv.slice(2);
const { data: dataName, hidden, batch } = WORKLOADS[name as WorkloadName];
const whole = await loadData(dataName);
const data = {
  ...whole,
  rows: Number(rows),
  values: whole.values.subarray(0, Number(rows) * whole.features.length),
  labels: whole.labels!.subarray(0, Number(rows)),
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

let start = 0;
let end = 0;
const clock = ({ epoch }: { readonly epoch: number }): void => {
  end = performance.now();
  if (epoch === 1) start = end;
};
if (kind === 'engine') await train(data, options, clock);
else trainReference(clock);
const memory = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
console.log(JSON.stringify({ seconds: (end - start) / 1000, memory }));
