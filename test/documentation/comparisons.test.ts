import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { PEERS, type MeasuredCore } from '../../bench/device-facts.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** docs/comparisons.md has the figures that were measured, and no others. */

const NETWORKS = ['A', 'B', 'C', 'D', 'E'];

interface Figure {
  readonly core: string;
  readonly network: string;
  readonly constantTime: boolean;
  readonly cost: { readonly max: number };
}

const figures = JSON.parse(
  readFileSync(path.join(PACKAGE_ROOT, 'bench', 'device-figures.json'), 'utf8'),
) as Figure[];
const text = readFileSync(path.join(PACKAGE_ROOT, 'docs', 'comparisons.md'), 'utf8');

/** The rows of the table below a heading, without the padding. */
const rowsBelow = (heading: string): string[] =>
  (text.split(`\n### ${heading}`)[1] ?? '')
    .split('\n##')[0]
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.replace(/ *\| */g, '|'));

const row = (name: string, of: (network: string) => number | undefined): string =>
  `|${[name, ...NETWORKS.map((network) => of(network)?.toLocaleString('en-GB') ?? '–')].join('|')}|`;

const HEADINGS: Readonly<Record<MeasuredCore, string>> = {
  avr: 'ATmega328P',
  rv32imc: 'RV32IMC',
  'cortex-m4': 'Cortex-M4',
  'cortex-m0plus': 'Cortex-M0+',
  lx106: 'Xtensa lx106',
  lx6: 'Xtensa LX6',
};

it.each(Object.keys(HEADINGS) as MeasuredCore[])('%s', (core) => {
  const ours = (constantTime: boolean) => (network: string) =>
    figures.find((one) => one.core === core && one.network === network && one.constantTime === constantTime)
      ?.cost.max;
  expect(rowsBelow(HEADINGS[core])).toEqual([
    row('**Neurona**', ours(false)),
    row('**Neurona**, `--constant-time`', ours(true)),
    ...Object.entries(PEERS[core]).map(([name, costs]) => row(name, (network) => costs[network])),
  ]);
});
