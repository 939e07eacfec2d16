import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TARGETS } from '../../bench/device-facts.js';
import { measure, type DeviceFigures } from '../../bench/device-figures.js';
import { NETWORKS, RELU_NETWORKS } from '../../bench/networks.js';

/** The published figures are exact, and meet their targets: cycles, flash and RAM of every network come out the same again. */

/** What a program in constant time may take beside the weights, where no activation is a table. */
const MOST_CODE_BYTES = 1228;
/** What a hidden neuron may take more with a sigmoid than with ReLU. */
const MOST_SIGMOID_CYCLES = 25;

const file = path.join(import.meta.dirname, '..', '..', 'bench', 'device-figures.json');
const published = (JSON.parse(readFileSync(file, 'utf8')) as DeviceFigures[]).filter(
  ({ core }) => core === 'avr',
);

test('every network is published in both kinds of time', () => {
  const all = [false, true].flatMap((constantTime) =>
    NETWORKS.map(({ name }) => ({ network: name, constantTime })),
  );
  expect(published.map(({ network, constantTime }) => ({ network, constantTime }))).toEqual(all);
});

test.each(published)('$network, constant time $constantTime', { timeout: 120_000 }, async (figures) => {
  const network = NETWORKS.find(({ name }) => name === figures.network)!;
  const { cost, constantTime, flashBytes, weightBytes } = figures;
  expect(await measure(network, constantTime)).toEqual(figures);
  expect(cost.max).toBeLessThanOrEqual(TARGETS.avr[constantTime ? 1 : 0][network.name] ?? Infinity);
  if (constantTime) {
    expect(cost.max).toBe(cost.min);
    if (network.activation !== 'sigmoid')
      expect(flashBytes - weightBytes).toBeLessThanOrEqual(MOST_CODE_BYTES);
  }
});

test.each(RELU_NETWORKS)('what a sigmoid takes in $name', ({ name, widths }) => {
  const timeOf = (network: string): number =>
    published.find((one) => one.network === network && one.constantTime)!.cost.max;
  const hidden = widths.slice(1, -1).reduce((sum, width) => sum + width, 0);
  expect(timeOf(`${name} sigmoid`) - timeOf(name)).toBeLessThanOrEqual(MOST_SIGMOID_CYCLES * hidden);
});
