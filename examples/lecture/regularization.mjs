import { textTable } from '../../dist/cli/text-table.js';
import { createRandom } from '../../dist/model/random.js';
import { writeChart } from './chart.mjs';
import { glorot, norm, startDescent } from './descent.mjs';

/** "¿Y la regularización?" Few noisy rows and many neurons: over-fitting, and three cures. */

const SEEDS = 5;
const EPOCHS = 500;
const LAMBDAS = [0, 0.03, 0.1, 0.3, 1, 3, 10];
const NEURONS = 20;
const ROWS = 60;
const HELD_ROWS = 200;
/** Of the labels, at random. */
const WRONG_LABELS = 0.2;

/** Points in a square; the class is the side of a parabola, apart from labels that are wrong on purpose. */
function noisyParabola(rows, seed, wrong) {
  const random = createRandom(seed);
  const values = new Float64Array(2 * rows);
  const labels = new Uint16Array(rows);
  for (let r = 0; r < rows; r++) {
    const x = 4 * random.uniform() - 2;
    const y = 4 * random.uniform() - 2;
    values.set([x, y], 2 * r);
    const side = y > x * x - 1 ? 1 : 0;
    labels[r] = random.uniform() < wrong ? 1 - side : side;
  }
  return {
    name: 'parabola',
    features: ['x', 'y'],
    classes: ['below', 'above'],
    rows,
    values,
    labels,
    decimals: [2, 2],
    image: null,
    sha256: '',
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** One training. Stopping early keeps the weights of the epoch that was best on rows held back for that. */
function run(seed, { hidden = NEURONS, l2 = 0, stopsEarly = false }) {
  const train = noisyParabola(ROWS, seed, WRONG_LABELS);
  const held = noisyParabola(HELD_ROWS, 1000 + seed, WRONG_LABELS);
  const test = noisyParabola(1000, 2000 + seed, 0); // what it should have learnt
  const descent = startDescent(train, {
    hidden: [hidden],
    activation: 'tanh',
    initialize: glorot,
    rate: 1,
    momentum: 0.9,
    l2,
    seed,
  });
  const look = () => ({
    train: descent.accuracy(train),
    test: descent.accuracy(test),
    weights: norm(descent.layers.flatMap((layer) => [...layer.weights])),
  });
  let highest = -1;
  let best = null;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    descent.step();
    if (!stopsEarly) continue;
    const accuracy = descent.accuracy(held);
    if (accuracy <= highest) continue;
    highest = accuracy;
    best = look();
  }
  return best ?? look();
}

function average(setting) {
  const runs = Array.from({ length: SEEDS }, (_, k) => run(k + 1, setting));
  const over = (key) => mean(runs.map((result) => result[key]));
  return { train: over('train'), test: over('test'), weights: over('weights') };
}

const overLambda = LAMBDAS.map((l2) => ({ name: `${NEURONS} neurons, λ = ${l2}`, l2, ...average({ l2 }) }));
const others = [
  { name: `${NEURONS} neurons, λ = 0, stopped early`, ...average({ stopsEarly: true }) },
  ...[2, 4, 8].map((hidden) => ({ name: `${hidden} neurons, λ = 0`, ...average({ hidden }) })),
];
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const rows = [...overLambda, ...others].map(({ name, train, test, weights }) => [
  name,
  percent(train),
  percent(test),
  weights.toFixed(1),
]);
console.log(textTable([['', 'train', 'test', '|W|'], ...rows], ['left', 'right']).join('\n'));
const files = writeChart('regularization', {
  title: [
    `${ROWS} noisy rows, ${NEURONS} neurons: accuracy over λ`,
    `${ROWS} filas con ruido, ${NEURONS} neuronas: exactitud según λ`,
  ],
  x: { name: 'λ', type: 'category', data: LAMBDAS.map(String) },
  y: { name: ['accuracy', 'exactitud'], type: 'value', min: 0.6, max: 1 },
  series: [
    { name: ['train', 'entrenamiento'], points: overLambda.map(({ train }) => train), symbols: true },
    { name: ['test', 'prueba'], points: overLambda.map(({ test }) => test), symbols: true },
  ],
});
console.log(`\n${files}`);
