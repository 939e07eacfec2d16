import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { measure, type DeviceFigures } from '../../bench/device-figures.js';
import { NETWORKS } from '../../bench/networks.js';

/** The published figures are exact: cycles, flash and RAM of every network come out the same again. */

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
  const { cost } = figures;
  expect(await measure(network, figures.constantTime)).toEqual(figures);
  if (figures.constantTime) expect(cost.max).toBe(cost.min);
});
