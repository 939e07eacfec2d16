import path from 'node:path';
import { textTable } from '../../dist/cli/text-table.js';
import { loadDataset } from '../../dist/dataset/load.js';
import { COLOURS, writeChart } from './chart.mjs';
import { glorot, he, norm, normal, startDescent } from './descent.mjs';

/** "¿Cómo se inicializan los pesos? ¿Afecta en algo esa inicialización?" Iris, 4-8-8-8-3, from nine starting points. */

const EPOCHS = 300;
const iris = await loadDataset([path.join(import.meta.dirname, '..', 'iris', 'iris.csv')], {});

const constant = (value) => (layer) => layer.weights.fill(value);

const STARTS = [
  ['tanh', 'all 0', constant(0)],
  ['tanh', 'all 0.5', constant(0.5)],
  ['tanh', 'normal, deviation 0.01', normal(0.01)],
  ['tanh', 'normal, deviation 5', normal(5)],
  ['tanh', 'Glorot', glorot],
  ['relu', 'all 0', constant(0)],
  ['relu', 'normal, deviation 0.01', normal(0.01)],
  ['relu', 'normal, deviation 5', normal(5)],
  ['relu', 'He', he],
];
const NAMES = [...new Set(STARTS.map(([, name]) => name))];

/** The largest difference between the weights of two neurons of the first hidden layer. */
function spread({ weights, inputs, outputs }) {
  let largest = 0;
  for (let n = 1; n < outputs; n++)
    for (let i = 0; i < inputs; i++)
      largest = Math.max(largest, Math.abs(weights[n * inputs + i] - weights[i]));
  return largest;
}

/** Share of all hidden activations, over all rows, where g is flat, so that no error passes: g'(z) below 0.01. */
function flatShare({ pass, layers }) {
  const slopes = pass.slope
    .slice(0, -1)
    .flatMap((slope, l) => [...slope.subarray(0, iris.rows * layers[l].outputs)]);
  return slopes.filter((slope) => slope < 0.01).length / slopes.length;
}

const runs = STARTS.map(([activation, name, initialize]) => {
  const descent = startDescent(iris, { hidden: [8, 8, 8], activation, initialize, rate: 0.2 });
  descent.measure();
  const first = norm(descent.gradient[0].weights);
  const flat = flatShare(descent);
  const costs = Array.from({ length: EPOCHS }, () => descent.step());
  return {
    activation,
    name,
    first,
    flat,
    costs,
    end: descent.measure(),
    spread: spread(descent.layers[0]),
    right: descent.accuracy(iris),
  };
});

const rows = runs.map((run) => [
  run.activation,
  run.name,
  run.first.toExponential(0),
  `${(100 * run.flat).toFixed(0)} %`,
  String(Number(run.spread.toPrecision(3))),
  run.end.toFixed(3),
  `${(100 * run.right).toFixed(0)} %`,
]);
const header = ['g', 'weights at start', '|∂J/∂W1|', 'flat', 'spread', `J after ${EPOCHS}`, 'right'];
console.log(textTable([header, ...rows], ['left', 'left', 'right']).join('\n'));

const files = writeChart('initialization', {
  title: [
    'Iris, 4-8-8-8-3: the cost from different starting weights',
    'Iris, 4-8-8-8-3: el costo desde distintos pesos iniciales',
  ],
  x: { name: ['epoch', 'época'], type: 'value' },
  y: { name: 'J', type: 'log', min: 0.01, max: 100 },
  series: runs.map(({ activation, name: start, costs }) => ({
    name: ['all', 'todos en'].map(
      (all) => `${activation}, ${start.replace('deviation', 'σ =').replace('all', all)}`,
    ),
    points: costs.map((cost, epoch) => [epoch, cost]),
    color: COLOURS[NAMES.indexOf(start)],
    dash: activation === 'relu',
  })),
});
console.log(`\n${files}`);
