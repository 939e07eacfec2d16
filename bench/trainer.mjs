import { engineEpochs } from '../dist/trainer/engine/engine.js';
import { referenceEpochs } from '../dist/trainer/epochs.js';
import { INITIALIZERS } from '../dist/trainer/initializers.js';
import { resolveOptions } from '../dist/trainer/options.js';
import { allocateParameters, initialize } from '../dist/trainer/parameters.js';
import { createRandom } from '../dist/model/random.js';
import { learnScaling } from '../dist/trainer/standardization.js';
import { layerShapes } from '../dist/trainer/train.js';
import { WORKLOADS } from './workloads.mjs';

/** node bench/trainer.mjs engine|reference float|fixed WORKLOAD [EPOCHS]: one run, its speed as JSON. */

const [kind, arithmetic, name, given] = process.argv.slice(2);
const { load, hidden, batch, epochs: usual } = WORKLOADS[name];
const epochs = Number(given ?? usual);
const data = await load();
const options = resolveOptions(
  {
    hidden,
    batch,
    epochs,
    l2: 0,
    optimizer: 'adam',
    schedule: 'constant',
    learningRate: 0.001,
    fixedPoint: arithmetic === 'fixed',
  },
  data,
);
const { scaling } = learnScaling(data, options.precision.activationBits);
const shapes = layerShapes(data.features.length, options);
const parameters = allocateParameters(shapes);
const random = createRandom(1);
initialize(parameters, shapes, INITIALIZERS.he, random);
const order = Uint32Array.from({ length: data.rows }, (_, r) => r);
const setting = {
  data,
  labels: data.labels,
  scaling,
  shapes,
  parameters,
  classWeights: null,
  calibrationRows: order.slice(0, 1024),
  options,
};

const begin = performance.now();
const run = kind === 'engine' ? engineEpochs(setting) : referenceEpochs(setting, random);
const setup = performance.now() - begin;
run(1, order); // compilers warm up
const cpu = process.cpuUsage();
const start = performance.now();
let seen;
for (let epoch = 2; epoch <= epochs; epoch++) {
  random.shuffle(order);
  seen = run(epoch, order);
}
const wall = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
const samples = data.rows * (epochs - 1);
console.log(
  JSON.stringify({
    wall: samples / wall,
    cpu: samples / ((user + system) / 1e6),
    setup: setup / 1000,
    accuracy: seen.right / data.rows,
  }),
);
