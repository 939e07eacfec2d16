import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { PEERS, type MeasuredCore } from '../../bench/device-facts.js';
import type { DeviceFigures } from '../../bench/device-figures.js';
import { overLimit } from '../../bench/limits.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** docs/comparisons.md and docs/kernels.md have the figures that were measured, and no others. */

const NETWORKS = ['A', 'B', 'C', 'D', 'E'];

const figures = JSON.parse(
  readFileSync(path.join(PACKAGE_ROOT, 'bench', 'device-figures.json'), 'utf8'),
) as DeviceFigures[];
const read = (name: string): string => readFileSync(path.join(PACKAGE_ROOT, 'docs', name), 'utf8');
const comparisons = read('comparisons.md');
const kernels = read('kernels.md');

/** The rows of the table below a heading, without the padding. */
const rowsBelow = (text: string, heading: string): string[] =>
  (text.split(`\n${heading}`)[1] ?? '')
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
  expect(rowsBelow(comparisons, `### ${HEADINGS[core]}`)).toEqual([
    row('**Neurona**', ours(false)),
    row('**Neurona**, `--constant-time`', ours(true)),
    ...Object.entries(PEERS[core]).map(([name, costs]) => row(name, (network) => costs[network])),
  ]);
});

/** Each figure of a network with zeros skipped, and in constant time. */
const pairs = (core: MeasuredCore, say: (figure: DeviceFigures) => string): string =>
  NETWORKS.map((network) =>
    [false, true]
      .map((constantTime) =>
        say(
          figures.find(
            (one) => one.core === core && one.network === network && one.constantTime === constantTime,
          )!,
        ),
      )
      .join(' / '),
  ).join('|');

it.each([
  ['How instructions are counted', ({ cost }: DeviceFigures) => cost.max.toLocaleString('en-GB')],
  ['How far the limit is', (figure: DeviceFigures) => overLimit(figure).toFixed(2)],
])('%s', (heading, say) => {
  const rows = rowsBelow(kernels, `## ${heading}`);
  expect(rows.map((line) => line.replace(/^\|[^|]*\|/, '|'))).toEqual(
    (Object.keys(HEADINGS) as MeasuredCore[]).map((core) => `|${pairs(core, say)}|`),
  );
});
