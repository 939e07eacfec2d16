import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { MEASURED_CORES } from '../test/support/core-program.js';
import { measureOnCore } from './core-figures.js';
import { PEERS, TARGETS, type MeasuredCore } from './device-facts.js';
import { measure, type DeviceFigures } from './device-figures.js';
import { overLimit } from './limits.js';
import { NETWORKS, RELU_NETWORKS, SIGMOID_NETWORKS } from './networks.js';
import { markdownTable, short } from './tables.js';

/** `npm run bench:device`: time, flash and RAM of networks A to E on every core, against targets and peers. */

const UNITS: Readonly<Partial<Record<MeasuredCore, string>>> = { avr: 'cycles' };

function figuresTable(figures: readonly DeviceFigures[]): string {
  const rows = figures.map(
    ({ core, network, constantTime, cost, flashBytes, weightBytes, ramBytes, kernels }) => [
      network,
      constantTime ? 'constant' : 'fastest',
      `${cost.min}..${cost.max}`,
      String(TARGETS[core][constantTime ? 1 : 0][network] ?? '–'),
      String(flashBytes),
      String(weightBytes),
      String(ramBytes),
      kernels.join(', '),
    ],
  );
  const unit = UNITS[figures[0].core] ?? 'instructions';
  return markdownTable(['network', 'time', unit, 'target', 'flash', 'weights', 'RAM', 'kernels'], rows);
}

/** What a hidden neuron takes more with a sigmoid than with ReLU, in constant time, where no zeros are passed over. */
function sigmoidTable(figures: readonly DeviceFigures[]): string {
  const timeOf = (name: string): number =>
    figures.find(({ network, constantTime }) => network === name && constantTime)!.cost.max;
  const more = RELU_NETWORKS.map(({ name, widths }, k) => {
    const hidden = widths.slice(1, -1).reduce((sum, width) => sum + width, 0);
    return short((timeOf(SIGMOID_NETWORKS[k].name) - timeOf(name)) / hidden);
  });
  return markdownTable(
    ['', ...RELU_NETWORKS.map(({ name }) => name)],
    [['a sigmoid neuron, more than ReLU', ...more]],
  );
}

/** Our slowest row over what its products take by themselves. */
function limitsTable(figures: readonly DeviceFigures[]): string {
  const rows = [false, true].map((constantTime) => [
    constantTime ? 'constant time' : 'zeros skipped',
    ...RELU_NETWORKS.map(({ name }) => {
      const one = figures.find((figure) => figure.network === name && figure.constantTime === constantTime)!;
      return overLimit(one).toFixed(2);
    }),
  ]);
  return markdownTable(['time over its limit', ...RELU_NETWORKS.map(({ name }) => name)], rows);
}

/** How many times as long as our slowest row each peer takes. */
function peersTable(core: MeasuredCore, figures: readonly DeviceFigures[]): string {
  const rows = Object.entries(PEERS[core]).map(([peer, costs]) => [
    peer,
    ...figures.map(({ network, cost }) => {
      const theirs = costs[network];
      return theirs === undefined ? '–' : `${short(theirs / cost.max)}×`;
    }),
  ]);
  return markdownTable(['peer', ...figures.map(({ network }) => network)], rows);
}

const all: DeviceFigures[] = [];
for (const core of ['avr', ...MEASURED_CORES] as const) {
  const figures: DeviceFigures[] = [];
  for (const constantTime of [false, true]) {
    for (const network of NETWORKS) {
      figures.push(
        core === 'avr'
          ? await measure(network, constantTime)
          : await measureOnCore(core, network, constantTime),
      );
    }
  }
  const fastest = figures.filter(
    ({ network, constantTime }) => !constantTime && RELU_NETWORKS.some(({ name }) => name === network),
  );
  console.log(
    `\n## ${core}\n\n${figuresTable(figures)}\n\n${sigmoidTable(figures)}\n\n${limitsTable(figures)}\n\n${peersTable(core, fastest)}`,
  );
  all.push(...figures);
}
writeFileSync(path.join(PACKAGE_ROOT, 'bench', 'device-figures.json'), `${JSON.stringify(all, null, 2)}\n`);
