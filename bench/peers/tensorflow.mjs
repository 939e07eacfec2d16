import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers'; // brings the gradients of the operations
import { job, measure } from './data.mjs';

/** One training with TensorFlow.js on its WebAssembly backend, by its core: `model.fit` takes longer. */

await tf.setBackend('wasm');
await tf.ready();
const { rows, features, classes, batch, units } = job;
const x = tf.tensor2d(job.x, [rows, features]);
const y = tf.oneHot(tf.tensor1d(Int32Array.from(job.y), 'int32'), classes);
const layers = units.slice(1).map((outputs, l) => ({
  weights: tf.variable(tf.randomNormal([units[l], outputs], 0, Math.sqrt(2 / units[l]))),
  bias: tf.variable(tf.zeros([outputs])),
}));
const optimizer = tf.train.adam(0.001);

function forward(inputs) {
  return layers.reduce((a, { weights, bias }, l) => {
    const z = tf.add(tf.matMul(a, weights), bias);
    return l < layers.length - 1 ? tf.relu(z) : z;
  }, inputs);
}

function trainEpoch() {
  const order = Int32Array.from(tf.util.createShuffledIndices(rows));
  for (let start = 0; start < rows; start += batch) {
    tf.tidy(() => {
      const chosen = tf.tensor1d(order.slice(start, start + batch), 'int32');
      const [inputs, targets] = [tf.gather(x, chosen), tf.gather(y, chosen)];
      optimizer.minimize(() => tf.losses.softmaxCrossEntropy(targets, forward(inputs)));
    });
  }
}

measure(tf.version_core, trainEpoch);
