import { expect, test } from 'vitest';
import { BOARDS } from '../../bench/device-facts.js';
import { benchModel } from '../../bench/networks.js';
import { AVR_KERNELS } from '../../codegen/avr-kernels.js';
import { COSTS } from '../../codegen/kernel-costs.js';
import { chooseKernel, kernelNames } from '../../codegen/kernels.js';
import { generateSteps } from '../../codegen/layers.js';
import { STATIONARY_DIALECTS } from '../../codegen/stationary-assembly.js';
import { stationaryWeights } from '../../codegen/stationary-kernel.js';
import { swarWords } from '../../codegen/swar-words.js';
import type { Core } from '../../codegen/kernel.js';
import { findBoard } from '../../model/board.js';
import type { AccumulatorBits, QuantizedLayer } from '../../model/quantized-model.js';

const layerOf = (
  inputs: number,
  outputs: number,
  accumulatorBits: AccumulatorBits,
  weightBits: 8 | 4 | 2 = 8,
): QuantizedLayer => ({
  inputs,
  outputs,
  inputMaximum: 127,
  weightBits,
  weights: Int8Array.from({ length: inputs * outputs }, (_, k) => (k % 3) - 1),
  bias: Int32Array.from({ length: outputs }, (_, n) => (n % 2 === 0 ? -n : n)),
  accumulatorBits,
  requantization: null,
  table: null,
});

test.each<[Core, QuantizedLayer, number, string]>([
  ['avr', layerOf(4, 8, 16), 15000, 'avr-straight-line'],
  ['avr', layerOf(4, 8, 16), 0, 'avr-input-stationary'],
  ['avr', layerOf(4, 8, 32), 15000, 'avr-input-stationary'],
  ['rv32imc', layerOf(4, 8, 16), 1e6, 'swar-unrolled'],
  ['rv32imc', layerOf(64, 32, 16), 1e6, 'swar'],
  ['rv32imc', layerOf(64, 32, 16, 2), 1e6, 'swar'],
  ['rv32imc', layerOf(64, 32, 16), 1000, 'input-stationary'],
  ['rv32imc', layerOf(64, 32, 24), 1e6, 'input-stationary'],
  ['cortex-m4', layerOf(64, 32, 32), 0, 'input-stationary'],
  ['cortex-m0plus', layerOf(64, 32, 24, 4), 1e6, 'input-stationary'],
  ['cortex-m0plus', layerOf(64, 32, 24, 4), 0, 'word-int4'],
  ['lx106', layerOf(64, 32, 16, 2), 0, 'word-int2'],
  ['portable', layerOf(4, 8, 16), 1e6, 'dense-int8'],
])('%s takes the cheapest kernel that suits', (core, layer, flashBudget, expected) => {
  expect(chooseKernel({ core, layer, flashBudget, constantTime: false }).name).toBe(expected);
});

test('every kernel of the cost table exists, and AVR assembly is for AVR alone', () => {
  for (const core of Object.keys(COSTS) as Core[]) {
    expect(kernelNames(core).sort()).toEqual(Object.keys(COSTS[core]).sort());
    if (core !== 'avr') for (const { name } of AVR_KERNELS) expect(kernelNames(core)).not.toContain(name);
  }
});

test.each(Object.values(BOARDS))('%s gets USAT where its core has it, and only there', (id) => {
  const board = findBoard(id);
  const { layers } = benchModel({ name: 'm', widths: [40, 23, 12], zeros: 0 });
  const code = [false, true].flatMap((constantTime) =>
    generateSteps(layers, board, constantTime, 'm').flatMap(({ helpers }) => helpers.map((h) => h.code)),
  );
  expect(code.some((text) => text.includes('usat'))).toBe(board.core === 'cortex-m4');
});

test('a table of a layer has what the function reads of it, and the size that is counted', () => {
  const board = findBoard('esp32-c3');
  const { layers } = benchModel({ name: 'm', widths: [40, 23, 12], zeros: 0, activation: 'sigmoid' });
  const wide = layers.map(({ requantization: q, ...layer }): QuantizedLayer => ({
    ...layer,
    accumulatorBits: 24,
    requantization: q && { ...q, multiplier: q.multiplier.map((multiplier, n) => multiplier + (n % 2)) },
  }));
  const steps = generateSteps(wide, board, false, 'm');
  const members = steps.map(({ helpers }) => {
    const { code } = helpers.find(({ name }) => name.endsWith('_t'))!;
    return Array.from(code.matchAll(/^ .*?(\w+);$/gm), ([, name]) => name);
  });
  const shape = ['inputs', 'outputs'];
  expect(members[0]).toEqual(['weights', 'bias', 'multiplier', 'table', ...shape]);
  expect(members[1]).toEqual(['weights', 'bias', ...shape]);
  expect(steps.map(({ work }) => work[0].constantBytes)).toEqual(members.map(({ length }) => 4 * length));
});

test('SWAR words: two outputs to a word, a borrow from the upper one, zeros behind an odd output', () => {
  const layer = {
    ...layerOf(2, 3, 16),
    weights: Int8Array.of(1, -2, 3, 4, -5, 6),
    bias: Int32Array.of(7, -8, -9),
  };
  const words = swarWords(layer, { size: 2, count: 1 });
  const pair = (low: number, high: number): number => Number(BigInt.asUintN(32, BigInt(low + high * 65536)));
  expect([...words]).toEqual([
    ...[pair(7, -8), pair(-9, 0)],
    ...[pair(1, 3), pair(-5, 0)],
    ...[pair(-2, 4), pair(6, 0)],
  ]);
});

test('stationary weights: the block together, input after input; four inputs together for SMLAD', () => {
  const layer = { ...layerOf(2, 3, 24), weights: Int8Array.of(1, -2, 3, 4, -5, 6) };
  expect([...stationaryWeights(layer, STATIONARY_DIALECTS.rv32imc!)]).toEqual([1, 3, -5, -2, 4, 6]);
  expect([...stationaryWeights(layer, STATIONARY_DIALECTS.lx106!)]).toEqual([129, 131, 123, 126, 132, 134]);
  const four = [1, -2, 0, 0, 3, 4, 0, 0, -5, 6, 0, 0];
  expect([...stationaryWeights(layer, STATIONARY_DIALECTS['cortex-m4']!)]).toEqual(four);
});
