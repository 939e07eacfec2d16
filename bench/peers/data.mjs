import { readFileSync } from 'node:fs';

/** What every peer in JavaScript is started with: PREFIX ROWS FEATURES CLASSES EPOCHS BATCH HIDDEN... */
const [prefix, ...numbers] = process.argv.slice(2);
const [rows, features, classes, epochs, batch, ...hidden] = numbers.map(Number);

const bytes = (file) => new Uint8Array(readFileSync(file)).buffer;

export const job = {
  rows,
  features,
  classes,
  epochs,
  batch,
  units: [features, ...hidden, classes],
  x: new Float32Array(bytes(`${prefix}.x`), 0, rows * features),
  y: new Uint16Array(bytes(`${prefix}.y`), 0, rows),
};

/** Trains once to warm up the compilers, then `epochs` times by the clock, and prints the speed as JSON. */
export function measure(version, trainEpoch) {
  trainEpoch();
  const start = performance.now();
  for (let epoch = 0; epoch < epochs; epoch++) trainEpoch();
  const seconds = (performance.now() - start) / 1000;
  const memory = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  console.log(JSON.stringify({ seconds, memory, version }));
}
