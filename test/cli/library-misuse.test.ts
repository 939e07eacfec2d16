import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import * as neurona from '../../cli/index.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { tinyModel } from '../support/tiny-model.js';
import { temporaryFolder } from './run-cli.js';

/** What JavaScript can get wrong where TypeScript would have told: a `Problem` says it, and nothing is computed of it. */

const folder = temporaryFolder();
const iris = path.join(PACKAGE_ROOT, 'examples', 'iris', 'iris.csv');
const model = tinyModel();
const nothing = path.join(folder, 'nothing');
let network: neurona.Network;
let data: neurona.Dataset;
let others: neurona.Dataset;

beforeAll(async () => {
  const written = path.join(folder, 'others.csv');
  writeFileSync(written, 'x,y\n0,a\n1,b\n0,a\n1,b\n');
  others = await neurona.loadDataset([written]);
  data = await neurona.loadDataset([iris]);
  ({ network } = await neurona.train([iris], { epochs: 1 }));
});

const CALLS: readonly (readonly [call: string, run: () => unknown, code: string, says: RegExp])[] = [
  ['an unknown setting', () => neurona.train([iris], { hiden: [8] } as object), 'unknown-setting', /"hiden"/],
  [
    'a word that is none',
    () => neurona.train([iris], { activation: 'swish' as 'relu' }),
    'bad-setting',
    /tanh/,
  ],
  [
    'a text for a number',
    () => neurona.train([iris], { epochs: '5' as never }),
    'bad-setting',
    /1\.\.1000000/,
  ],
  ['a file for a list', () => neurona.train(iris as never), 'no-files', /no files/],
  ['no files', () => neurona.loadDataset([]), 'no-files', /no files/],
  ['no board', () => neurona.search([iris], {} as never), 'missing-setting', /"board"/],
  ['no folder', () => neurona.generate(model, { board: 'uno' } as never), 'missing-setting', /"out"/],
  [
    'a setting of generate',
    () => neurona.generate(model, { board: 'uno', out: nothing, formt: 'c' } as never),
    'unknown-setting',
    /"formt"/,
  ],
  [
    'a setting of verify',
    () => neurona.verify(nothing, [iris], { om: 'host' } as object),
    'unknown-setting',
    /"om"/,
  ],
  [
    'rows of others',
    () => neurona.evaluate(network, others),
    'other-features',
    /of "x", the network of "sepal/,
  ],
  ['rows of others in integers', () => neurona.evaluate(model, data), 'other-features', /sepal/],
  ['rows of others to compare', () => neurona.compare(network, model, others), 'other-features', /"x"/],
  ['rows of others to explain', () => neurona.explain(network, others, 1), 'other-features', /"x"/],
  ['half a row', () => neurona.explain(network, data, 1.5), 'row-out-of-range', /1\.5/],
  ['a short row', () => neurona.predict(model, [1]), 'other-features', /2 integers; got 1$/],
  ['readings for integers', () => neurona.predict(model, [5.1, 3]), 'other-features', /got 5\.1, 3$/],
  ['a row cut short', () => neurona.inferRows(model, new Float64Array(3)), 'other-features', /3 numbers/],
  ['numbers of classes', () => neurona.predictValues({ network }, data), 'no-targets', /classification/],
  ['a template', () => neurona.starterFiles('moon' as 'xor'), 'unknown-template', /"moon".*xor/],
  ['a sensor', () => neurona.captureSketch('moon' as 'light'), 'unknown-sensor', /"moon".*light/],
];

test.each(CALLS)('%s', async (_, run, code, says) => {
  const problem = await Promise.resolve()
    .then(run)
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(problem).toBeInstanceOf(neurona.Problem);
  const { details } = problem as neurona.Problem;
  expect(details.code).toBe(code);
  expect(details.message).toMatch(says);
});

test('settings may be as functions take them or as the configuration file holds them', async () => {
  const budget = { board: 'uno', maxLatency: 100, trials: 2, folds: 2, epochs: 1 };
  const { budget: inBytes } = await neurona.search([iris], { ...budget, maxFlash: 3072 });
  const { budget: inWords } = await neurona.search([iris], { ...budget, maxFlash: '3k' as never });
  expect(inWords).toEqual(inBytes);
  expect(inBytes).toMatchObject({ flashBytes: 3072, microseconds: 100 });
});

test('a language that there is not is named with those that there are', () => {
  expect(() => neurona.setLanguage('fr')).toThrow('there is no language "fr"; expected one of en, es');
});
