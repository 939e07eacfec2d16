import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { measureOnCore } from '../../bench/core-figures.js';
import { TARGETS } from '../../bench/device-facts.js';
import type { DeviceFigures } from '../../bench/device-figures.js';
import { NETWORKS } from '../../bench/networks.js';
import { MEASURED_CORES, type MeasuredCoreName } from '../support/core-program.js';

/** The published figures are exact: instructions, flash and RAM come out the same again, and meet their targets. */

const file = path.join(import.meta.dirname, '..', '..', 'bench', 'device-figures.json');
const published = (JSON.parse(readFileSync(file, 'utf8')) as DeviceFigures[]).filter(
  ({ core }) => core !== 'avr',
);

test('every network is published for every core in both kinds of time', () => {
  const all = MEASURED_CORES.flatMap((core) =>
    [false, true].flatMap((constantTime) =>
      NETWORKS.map(({ name }) => ({ core, network: name, constantTime })),
    ),
  );
  expect(published.map(({ core, network, constantTime }) => ({ core, network, constantTime }))).toEqual(all);
});

test.each(published)('$core, $network, constant time $constantTime', async (figures) => {
  const network = NETWORKS.find(({ name }) => name === figures.network)!;
  const { cost, constantTime } = figures;
  expect(await measureOnCore(figures.core as MeasuredCoreName, network, constantTime)).toEqual(figures);
  expect(cost.max).toBeLessThanOrEqual(TARGETS[figures.core][constantTime ? 1 : 0][network.name] ?? Infinity);
  if (constantTime) expect(cost.max).toBe(cost.min);
});
