import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quantizeProbability } from '../../model/probability.js';
import { createRandom } from '../../model/random.js';
import { randomModel, randomRows } from '../support/random-model.js';
import { answers, compileBatch, runBatch, writeBatch } from '../support/host-batch.js';
import { tinyModel } from '../support/tiny-model.js';

/** The differential test must notice every broken token: each line here breaks one, in all models of a batch. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-mutation-'));
const sound = path.join(folder, 'sound');
let input: Buffer;
let expected: Buffer;

/** Its lone output is 0 whatever comes in: random ones hardly ever are. */
const [hidden, last] = tinyModel().layers;
const one = { outputs: 1, weights: new Int8Array(3), bias: new Int32Array(1) };
const undecided = tinyModel({
  layers: [hidden, { ...last, ...one }],
  decision: 'sign',
  probability: undefined,
});

/** Both outputs are equal whatever comes in. */
const tied = tinyModel({ layers: [hidden, { ...last, weights: new Int8Array(6), bias: new Int32Array(2) }] });

/** All hidden accumulators are 1, the least that is not clamped, and requantise to 1. */
const least = { weights: new Int8Array(6), bias: Int32Array.of(1, 1, 1), table: null };
const requantization = { multiplier: Int32Array.of(65535, 65535, 65535), shift: 16, maximum: 255 } as const;
const barelyActive = tinyModel({
  layers: [
    { ...hidden, ...least, requantization },
    { ...last, inputMaximum: 255 },
  ],
});

/** A lone output of -16: 60096 of 65535 + 60096 are 0.4784, and 0.4783 were it one more. */
const closeAlone = tinyModel({
  layers: [hidden, { ...last, ...one, bias: Int32Array.of(-16) }],
  decision: 'sign',
  probability: quantizeProbability('sigmoid', Math.LN2 / 128),
});

beforeAll(() => {
  const random = createRandom(99);
  const cases = Array.from({ length: 30 }, () => {
    const model = randomModel(random, 4, 24);
    return { model, raw: randomRows(random, model, 40) };
  });
  for (const model of [undecided, tied, barelyActive, closeAlone])
    cases.push({ model, raw: randomRows(random, model, 4) });
  ({ input, expected } = writeBatch(sound, cases));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['+ 32768U) >> 16', '+ 32767U) >> 16'],
  ['+ 32768U) >> 16', '+ 32768U) >> 15'],
  ['distance > span', 'distance < span'],
  ['(uint32_t)raw - (uint32_t)low', '(uint32_t)raw + (uint32_t)low'],
  ['raw <= low', 'raw >= low'],
  ['accumulator <= 0)', 'accumulator <= 1)'],
  ['<< (shift - 1U)', '<< (shift - 2U)'],
  ['>> shift;', '>> (shift + 1U);'],
  ['scaled > maximum', 'scaled < maximum'],
  ['(uint32_t)accumulator * multiplier', '(uint32_t)accumulator * (multiplier - 1U)'],
  ['accumulator + product', 'accumulator - product'],
  [/_bias(\d+) \+ n/g, '_bias$1 + 0'],
  [/_multiplier(\d+) \+ n/g, '_multiplier$1 + 0'],
  [/accumulator > (M\d+_READ_I32)/g, 'accumulator < $1'],
  [/_table(\d+) \+ index/g, '_table$1 + (index >> 1)'],
  ['(int8_t)half - 8)', '(int8_t)half - 7)'],
  ['(uint8_t)(both >> 4)', '(uint8_t)(both & 15U)'],
  [/i \+ 1U == \d+U/g, 'i + 1U == 0U'],
  [/for \(i = 0U; i < (\d+)U;/g, 'for (i = 1U; i < $1U;'],
  ['outputs[k] > outputs[best]', 'outputs[k] >= outputs[best]'],
  ['outputs[0] > 0', 'outputs[0] >= 0'],
  [/_layer2\(odd/g, '_layer2(inputs'],
  ['steps % 128U', 'steps % 64U'],
  ['>> halvings) + 1U) >> 1', '>> halvings) + 0U) >> 1'],
  ['halvings > 16U', 'halvings > 9U'],
  ['apart > 65535U', 'apart > 4095U'],
  ['distance >> ', 'distance >> 1 >> '],
  ['(sum / 2U)', '(sum / 4U)'],
  ['sum += ', 'sum = '],
  ['sum = 0xffffU', 'sum = 0x10000U'],
  ['0xffffU + (uint32_t)lesser', '0x10000U + (uint32_t)lesser'],
  ['_PROBABILITY_ONE - rest) : rest', '_PROBABILITY_ONE - rest) : lesser'],
  [/_READ_U8\(address\) \(\*\(address\)\)/g, '_READ_U8(address) (0)'],
])('%s -> %s is noticed', { timeout: 60_000 }, async (token, broken) => {
  const mutant = mkdtempSync(path.join(folder, 'mutant-'));
  let changed = 0;
  for (const name of readdirSync(sound).filter((file) => /\.[ch]$/.test(file))) {
    const text = readFileSync(path.join(sound, name), 'utf8');
    const mutated = name.startsWith('m') ? text.replaceAll(token, broken) : text;
    if (mutated !== text) changed++;
    writeFileSync(path.join(mutant, name), mutated);
  }
  expect(changed, 'the token is no longer in the generated C').toBeGreaterThan(0);
  const program = await compileBatch(mutant, 'gcc', ['-std=c99', '-O0', '-w']);
  const got = await answers(program, input).catch(() => Buffer.alloc(0)); // one that crashes is noticed
  expect(got.equals(expected)).toBe(false);
});

test('the sound code passes', async () => {
  expect((await runBatch(sound, 'gcc', ['-std=c99', '-O0'], input)).equals(expected)).toBe(true);
});
