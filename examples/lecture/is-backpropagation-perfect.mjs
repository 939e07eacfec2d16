import path from 'node:path';
import { textTable } from '../../dist/cli/text-table.js';
import { loadDataset } from '../../dist/dataset/load.js';
import { writeChart } from './chart.mjs';
import { glorot, he, norm, startDescent } from './descent.mjs';

/** "¿Backpropagation es perfecto, lindo y hermoso? ¿La solución a todos nuestros problemas?" */

const SEEDS = 100;
const XOR_EPOCHS = 600;
const DEEP_EPOCHS = 300;

const load = (...names) => loadDataset([path.join(import.meta.dirname, ...names)], {});
const [xor, iris] = [await load('xor.csv'), await load('..', 'iris', 'iris.csv')];

/** XOR from many seeds: where does gradient descent end? */
const SETTINGS = [
  ['2 sigmoid neurons, ΔW ∝ −∂J/∂W', { hidden: [2], activation: 'sigmoid', rate: 1 }],
  ['  with momentum 0.9', { hidden: [2], activation: 'sigmoid', rate: 1, momentum: 0.9 }],
  ['2 tanh neurons', { hidden: [2], activation: 'tanh', rate: 1 }],
  ['8 sigmoid neurons', { hidden: [8], activation: 'sigmoid', rate: 1 }],
  ['8 tanh neurons', { hidden: [8], activation: 'tanh', rate: 1 }],
];

function runXor(given) {
  return Array.from({ length: SEEDS }, (_, k) => {
    const descent = startDescent(xor, { ...given, initialize: glorot, seed: k + 1 });
    const costs = Array.from({ length: XOR_EPOCHS }, () => descent.step());
    return { costs, end: descent.measure(), solved: descent.accuracy(xor) === 1 };
  });
}

const xorRuns = SETTINGS.map(([name, given]) => ({ name, runs: runXor(given) }));
const xorRows = xorRuns.map(({ name, runs }) => {
  const stuck = runs.filter((run) => !run.solved);
  const ends = runs.map((run) => run.end).sort((a, b) => a - b);
  const at = (share) => ends[Math.floor(share * (SEEDS - 1))].toFixed(3);
  return [name, `${stuck.length} of ${SEEDS}`, at(0.5), at(1)];
});
const xorHeader = ['XOR', 'stuck', 'median J', 'worst J'];
console.log(textTable([xorHeader, ...xorRows], ['left', 'right']).join('\n'));

/** Six hidden layers: how much of the error reaches the first? */
const DEEP = [
  ['sigmoid', 'Glorot', glorot],
  ['tanh', 'Glorot', glorot],
  ['relu', 'He', he],
];

const deepRuns = DEEP.map(([activation, init, initialize]) => {
  const descent = startDescent(iris, { hidden: [8, 8, 8, 8, 8, 8], activation, initialize, rate: 0.1 });
  descent.measure();
  const norms = descent.gradient.map(({ weights }) => norm(weights));
  for (let epoch = 0; epoch < DEEP_EPOCHS; epoch++) descent.step();
  return { name: `${activation}, ${init}`, norms, end: descent.measure(), right: descent.accuracy(iris) };
});
const deepRows = deepRuns.map(({ name, norms, end, right }) => [
  name,
  ...norms.map((value) => value.toExponential(0)),
  end.toFixed(3),
  `${(100 * right).toFixed(0)} %`,
]);
const layerNames = deepRuns[0].norms.map((_, l) => `W${l + 1}`);
console.log('\n|∂J/∂W| of each layer at the start');
console.log(
  textTable(
    [['4-8-8-8-8-8-8-3', ...layerNames, `J after ${DEEP_EPOCHS}`, 'right'], ...deepRows],
    ['left', 'right'],
  ).join('\n'),
);

const files = [
  writeChart('xor', {
    title: [
      `XOR, two sigmoid neurons, ${SEEDS} seeds; those that stay stuck in orange`,
      `XOR, dos neuronas sigmoides, ${SEEDS} semillas; en naranja las que se atascan`,
    ],
    x: { name: ['epoch', 'época'], type: 'value' },
    y: { name: 'J', type: 'value' },
    legend: false,
    series: xorRuns[0].runs.map(({ costs, solved }, k) => ({
      name: [`seed ${k + 1}`, `semilla ${k + 1}`],
      points: costs.map((cost, epoch) => [epoch, cost]),
      thin: true,
      color: solved ? '#0072B2' : '#D55E00',
    })),
  }),
  writeChart('vanishing-gradient', {
    title: [
      'Six hidden layers: the gradient that reaches each layer at the start',
      'Seis capas ocultas: el gradiente que llega a cada capa al inicio',
    ],
    x: { name: ['weights of layer', 'pesos de la capa'], type: 'category', data: layerNames },
    y: { name: '|∂J/∂W|', type: 'log' },
    series: deepRuns.map(({ name, norms }) => ({ name, points: norms, symbols: true })),
  }),
];
console.log(`\n${files.join('\n')}`);
