import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { learnScaling } from '../dist/trainer/standardization.js';
import { standardizeRows } from '../dist/trainer/samples.js';
import { WORKLOADS } from './workloads.mjs';

/** node bench/export.mjs WORKLOAD FOLDER: standardised inputs (f32) and labels (u16) for trainers in other languages. */

const [name, folder] = process.argv.slice(2);
const { load, hidden, batch, epochs } = WORKLOADS[name];
const data = await load();
const features = data.features.length;
const { scaling } = learnScaling(data, 7);
const x = new Float32Array(data.rows * features);
const row = new Float64Array(features);
for (let r = 0; r < data.rows; r++) {
  standardizeRows(data.values, features, scaling, [r], row);
  x.set(row, r * features);
}
writeFileSync(path.join(folder, `${name}.x`), x);
writeFileSync(path.join(folder, `${name}.y`), data.labels);
const shape = { rows: data.rows, features, classes: data.classes.length, hidden, batch, epochs };
writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(shape));
