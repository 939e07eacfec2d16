import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateProject } from '../../cli/project-generation.js';
import { artifactText } from '../../model/artifact.js';
import { modelFileText, readModelFile } from '../../model/model-file.js';
import { Problem } from '../../model/problem.js';
import { createRandom } from '../../model/random.js';
import { randomModel } from '../support/random-model.js';
import { tinyModel } from '../support/tiny-model.js';
import { tinyRegression } from '../support/tiny-regression.js';

/** A file with the right hash may still claim what no board could hold: reading repeats every proof. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-model-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'model.json');

const [hidden, last] = tinyModel().layers;
const one = { outputs: 1, weights: new Int8Array(3), bias: new Int32Array(1) };
const lone = tinyModel({ layers: [hidden, { ...last, ...one }], decision: 'sign' });

type Json = Record<string, unknown>;

/** Sets the field at a path such as `layers.0.bias.1`. */
function change(body: Json, where: string, value: unknown): void {
  const keys = where.split('.');
  let place = body as Record<string, Json>;
  for (const key of keys.slice(0, -1)) place = place[key] as Record<string, Json>;
  (place as Json)[keys[keys.length - 1]] = value;
}

test.each([
  [
    'layers.0.bias.1',
    2147483647,
    'layers[0].accumulatorBits',
    /can reach .*2147\d+, which 24 bits do not hold/,
  ],
  ['layers.1.bias.0', 40000, 'layers[1].accumulatorBits', /16 bits do not hold/],
  ['layers.0.accumulatorBits', 8, 'layers[0].accumulatorBits', /16, 24 or 32/],
  ['layers.0.requantization.multiplier.0', 0, 'layers[0].requantization.multiplier[0]', /1\.\.65535/],
  ['layers.0.requantization.multiplier.2', 65536, 'layers[0].requantization.multiplier[2]', /1\.\.65535/],
  ['layers.0.requantization.shift', 17, 'layers[0].requantization.shift', /8, 16 or 24/],
  ['layers.0.requantization.shift', 32, 'layers[0].requantization.shift', /8, 16 or 24/],
  ['layers.0.requantization.maximum', 127, 'layers[0].table', /0\.\.255/],
  ['layers.0.requantization', null, 'layers[0]', /./],
  [
    'layers.1.requantization',
    { multiplier: [1, 1], shift: 8, maximum: 9 },
    'layers[1].requantization',
    /last layer/,
  ],
  ['layers.0.table.255', 200, 'layers[1].inputMaximum', /reaches 200/],
  ['layers.0.table.3', 256, 'layers[0].table[3]', /0\.\.255/],
  ['layers.1.weights.2', 8, 'layers[1].weights[2]', /-7\.\.7/],
  ['layers.0.weights.2', 128, 'layers[0].weights[2]', /-127\.\.127/],
  ['layers.0.weights.2', 0.5, 'layers[0].weights[2]', /whole number/],
  ['layers.1.inputs', 4, 'layers[1]', /./],
  ['layers.1.inputMaximum', 126, 'layers[1].inputMaximum', /reaches 127/],
  ['input.multiplier.0', 9000, 'input.multiplier[0]', /exceed 127/],
  ['input.span.0', 65536, 'input.span[0]', /0\.\.65535/],
  ['input.low', [0], 'input', /entries/],
  ['decision', 'sign', 'decision', /sign over 2 outputs/],
  ['classes', ['a', 'b', 'c'], 'decision', /3 classes/],
  ['probability.kind', 'tanh', 'probability.kind', /softmax/],
  ['probability.drop', 17, 'probability.drop', /0\.\.16/],
  ['probability.multiplier', 65536, 'probability.multiplier', /0\.\.65535/],
  ['probability.shift', 0, 'probability.shift', /1\.\.17/],
  ['probability.shift', 18, 'probability.shift', /1\.\.17/],
  ['surprise', 1, '', /surprise/],
])('%s = %j is refused at %s', (where, value, place, message) => {
  const { text } = modelFileText(tinyModel());
  const { neurona, version, hash, ...body } = JSON.parse(text) as Json;
  change(body, where, value);
  writeFileSync(file, artifactText('model', body).text);
  try {
    readModelFile(file);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.details).toMatchObject({ kind: 'data', code: 'wrong-field', file });
    expect(error.message).toContain(place);
    expect(error.message).toMatch(message);
  }
});

test.each([
  ['probabilities of a softmax', tinyModel(), 3],
  ['classes alone', tinyModel({ probability: undefined }), 1],
  ['numbers', tinyRegression(), 2],
])('a model of %s is written in the first format that can say so', (_, model, version) => {
  const { text } = modelFileText(model);
  expect(JSON.parse(text)).toMatchObject({ version });
  writeFileSync(file, text);
  expect(modelFileText(readModelFile(file).model).text).toBe(text);
});

test.each([
  ['a lone output', lone, /softmax does not go with decision sign/],
  ['numbers', tinyRegression(), /probability: does not go with targets/],
])('%s has no softmax', (_, model, message) => {
  const { probability } = tinyModel();
  expect(() => modelFileText({ ...model, probability })).toThrow(message); // so none is generated from it
  const { neurona, version, hash, ...body } = JSON.parse(
    modelFileText({ ...model, probability: undefined }).text,
  ) as Json;
  writeFileSync(file, artifactText('model', { ...body, probability }).text);
  expect(() => readModelFile(file)).toThrow(message);
});

test('a model put together by hand with outputs that its decision does not have is neither written nor generated', async () => {
  const two = tinyModel({ decision: 'sign' });
  const out = path.join(folder, 'by-hand');
  const refused = { kind: 'data', code: 'invalid-model' };
  const softmax = { ...lone, probability: tinyModel().probability };
  await expect(generateProject(two, { board: 'host', out })).rejects.toMatchObject({ details: refused });
  await expect(generateProject(softmax, { board: 'host', out })).rejects.toThrow(
    /the model's probability\.kind: softmax/,
  );
  expect(existsSync(out)).toBe(false);
});

test('what is written is what is read, for random models', () => {
  const random = createRandom(11);
  for (let k = 0; k < 50; k++) {
    const model = randomModel(random, 4, 20);
    const { text, hash } = modelFileText(model);
    writeFileSync(file, text);
    const back = readModelFile(file);
    expect(back).toEqual({ model, hash });
    expect(modelFileText(back.model).text).toBe(text);
  }
});
