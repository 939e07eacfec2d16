// The bundle for browsers is the one without gpu.js, whose headless GL is built when it is installed.
import brain from 'brain.js/dist/browser.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { job, measure } from './data.mjs';

/** One training with brain.js: a row per update, as it has no mini-batches. */

const { rows, features, classes, units, x, y } = job;
const manifest = path.join(import.meta.dirname, 'node_modules/brain.js/package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
const settings = { activation: 'leaky-relu', learningRate: 0.01 };
const net = new brain.NeuralNetwork({
  ...settings,
  inputSize: features,
  hiddenLayers: units.slice(1, -1),
  outputSize: classes,
});
const data = Array.from({ length: rows }, (_, r) => ({
  input: x.subarray(r * features, (r + 1) * features),
  output: Float32Array.from({ length: classes }, (_, k) => (y[r] === k ? 1 : 0)),
}));
const { preparedData } = net.prepTraining(data, settings);
measure(version, () => net.trainPatterns(preparedData));
