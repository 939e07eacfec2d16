import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { measure, type DeviceFigures } from './device-figures.js';
import { NETWORKS } from './networks.js';

/** `npm run bench:device`: cycles, flash and RAM of networks A to E on the ATmega328P, against their targets. */

/** Cycles that were reached by hand-made prototypes, with zeros skipped and in constant time. */
const TARGETS: Readonly<Record<string, readonly [fastest: number, constantTime: number]>> = {
  A: [420, 651],
  B: [276, 550],
  C: [8001, 18385],
  D: [5585, 8857],
  E: [92525, 192757],
};

const figures: DeviceFigures[] = [];
console.log('network  time      cycles min..max    target   flash  weights  RAM  kernels');
for (const constantTime of [false, true]) {
  for (const network of NETWORKS) {
    const measured = await measure(network, constantTime);
    figures.push(measured);
    const { cycles, flashBytes, weightBytes, ramBytes, kernels } = measured;
    console.log(
      [
        network.name.padEnd(8),
        (constantTime ? 'constant' : 'fastest').padEnd(9),
        `${cycles.min}..${cycles.max}`.padEnd(18),
        String(TARGETS[network.name][constantTime ? 1 : 0]).padEnd(8),
        String(flashBytes).padEnd(6),
        String(weightBytes).padEnd(8),
        String(ramBytes).padEnd(4),
        kernels.join(', '),
      ].join(' '),
    );
  }
}
writeFileSync(
  path.join(PACKAGE_ROOT, 'bench', 'device-figures.json'),
  `${JSON.stringify(figures, null, 2)}\n`,
);
