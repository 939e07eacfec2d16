import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { randomSamples, rareSamples, type CostSample } from '../../bench/cost-samples.js';
import { BOARDS, COST_BOARDS } from '../../bench/device-facts.js';
import { ROWS, type DeviceFigures } from '../../bench/device-figures.js';
import { benchModel, benchRows, NETWORKS } from '../../bench/networks.js';
import { measureOnAvr } from '../../bench/uno-costs.js';
import { fullActivity, rowActivity } from '../../codegen/activity.js';
import { estimateBoard } from '../../codegen/board-estimate.js';
import { COST_FACTS } from '../../codegen/cost-facts.js';
import { sizeTerms, stackTerms, timeTerms, type CostSet } from '../../codegen/cost-terms.js';
import { estimate } from '../../codegen/estimate.js';
import { findChanges } from '../../codegen/fit.js';
import { layOut } from '../../codegen/layout.js';
import { allBoards, findBoard } from '../../model/board.js';
import { architecture } from '../../model/network.js';

/** What is estimated, against what compilers made of the same networks and what simulators counted. */

const file = path.join(import.meta.dirname, '..', '..', 'bench', 'device-figures.json');
const published = JSON.parse(readFileSync(file, 'utf8')) as DeviceFigures[];

test.each(published)('$core $network, constant time $constantTime', (figures) => {
  const { core, constantTime, cost, whole } = figures;
  const network = NETWORKS.find(({ name }) => name === figures.network)!;
  const model = benchModel(network);
  const board = findBoard(BOARDS[core]);
  const raw = benchRows(network, ROWS, 2);
  const features = network.widths[0];
  const format = core === 'avr' ? 'sketch' : 'c';
  const layout = layOut(model, board, constantTime, 'm');
  const times = Array.from({ length: ROWS }, (_, r) => {
    const row = rowActivity(model, raw.subarray(r * features, (r + 1) * features));
    return estimate(model, board, format, layout, [row]);
  });
  const typical = times.map(({ cycles }) => cycles!.typical);
  const share = core === 'avr' ? 0 : 0.05;
  for (const [estimated, measured] of [
    [Math.min(...typical), cost.min],
    [Math.max(...typical), cost.max],
  ]) {
    expect(Math.abs(estimated - measured)).toBeLessThanOrEqual(share * measured);
  }
  expect(times[0].cycles!.worst).toBeGreaterThanOrEqual(cost.max);
  const { flashBytes, ramBytes, stackBytes } = times[0];
  expect(Math.abs(flashBytes - whole.flashBytes)).toBeLessThanOrEqual(Math.max(32, 0.02 * whole.flashBytes));
  const ram = whole.ramBytes === undefined ? figures.ramBytes : whole.ramBytes + whole.stackBytes!;
  const estimatedRam = whole.ramBytes === undefined ? ramBytes - stackBytes : ramBytes;
  expect(Math.abs(estimatedRam - ram)).toBeLessThanOrEqual(Math.max(32, 0.02 * ram));
});

const samples = randomSamples(60, 512);

test.each(Object.keys(COST_BOARDS) as CostSet[])('every term of a model on %s is measured', (core) => {
  const { time, size, stack, margins } = COST_FACTS[core];
  const missing = samples.flatMap(({ model, constantTime, compact }) => {
    const board = findBoard(COST_BOARDS[core]);
    const layout = layOut(model, compact ? { ...board, flashBytes: null } : board, constantTime, 'm');
    const known = [
      [time, timeTerms(layout, fullActivity(model))],
      [size, sizeTerms(model, layout, 'model')],
      [stack, stackTerms(model, layout)],
    ] as const;
    return known.flatMap(([coefficients, terms]) =>
      Object.keys(terms).filter(
        (name) => name !== 'exact' && terms[name] !== 0 && !Object.hasOwn(coefficients, name),
      ),
    );
  });
  expect(missing).toEqual([]);
  for (const margin of Object.values(margins)) expect(margin).toBeGreaterThanOrEqual(0);
});

test('every board but this computer has a time, and says what stands in for its own processor or compiler', () => {
  const model = benchModel(NETWORKS[0]);
  const estimates = allBoards().map((board) => {
    const { cycles, microseconds, standIn } = estimateBoard(model, board, board.formats[0], false, null);
    return { id: board.id, cycles, microseconds, standIn };
  });
  for (const { id, cycles, microseconds } of estimates) {
    const isKnown = id !== 'host';
    expect([id, cycles !== null, microseconds !== null]).toEqual([id, isKnown, isKnown]);
  }
  const standIns = estimates.flatMap(({ id, standIn }) => (standIn === null ? [] : [[id, standIn]]));
  expect(Object.fromEntries(standIns)).toEqual({
    ...{ esp32: 'llvm', 'esp32-s2': 'llvm', 'esp32-s3': 'llvm' },
    'nano-every': 'atmega328p',
  });
});

const packed = (widths: number[]): CostSample => {
  const network = { name: widths.join('-'), widths, zeros: 0.3 };
  const settings = { constantTime: false, compact: true };
  return { name: network.name, model: benchModel(network, 4), raw: benchRows(network, 2, 1), ...settings };
};

const unseen = [
  // Left to itself avr-gcc makes a call, with registers saved, of one of its three long layers.
  randomSamples(31, 1024)[30],
  ...rareSamples(['packed', 'few', 'halves', 'whole', 'ends', 'packedEnds'], 18, 2048),
  packed([20, 35, 40]), // loops over blocks
  packed([513, 6, 2]), // inputs in three counts
  packed([1, 1290, 1]), // more blocks than a byte counts
];

/** Calls take longer on a Mega. */
const onBoards = [
  ...unseen.map((sample) => ['uno', sample] as const),
  ...unseen.slice(1, 3).map((sample) => ['mega', sample] as const),
];

test.each(onBoards.map(([id, sample]) => [id, architecture(sample.model.layers), sample] as const))(
  'every row takes the cycles that were estimated: simulated %s, %s',
  async (id, _, sample) => {
    const { model, raw, constantTime, compact } = sample;
    const known = findBoard(id);
    const board = compact ? { ...known, flashBytes: null } : known;
    const layout = layOut(model, board, constantTime, 'm');
    const { costs } = await measureOnAvr(sample, known);
    const features = model.input.features.length;
    const estimated = costs.map((_, r) => {
      const row = rowActivity(model, raw.subarray(r * features, (r + 1) * features));
      return estimate(model, board, 'sketch', layout, [row]).cycles!;
    });
    expect(estimated.map(({ typical }) => typical)).toEqual(costs);
    expect(Math.max(...costs)).toBeLessThanOrEqual(estimated[0].worst);
  },
);

describe('what does not fit', () => {
  const request = (hidden: number, features = 784) => ({
    model: benchModel({ name: 'wide', widths: [features, hidden, 10], zeros: 0.6 }),
    board: findBoard('uno'),
    format: 'sketch' as const,
    constantTime: false,
  });

  test('names fewer bits, the widest layer that fits and larger boards', () => {
    const changes = findChanges(request(48));
    expect(changes).toHaveLength(3);
    expect(changes[0]).toBe('train with --bits 4');
    expect(changes[2]).toMatch(/--board .*mega.*pico/);
    const width = Number(/^train with --hidden (\d+)$/.exec(changes[1])![1]);
    const fits = (hidden: number): boolean => {
      const { model, board, format, constantTime } = request(hidden);
      return estimateBoard(model, board, format, constantTime, null).fits;
    };
    expect(fits(width - 2)).toBe(true);
    expect(fits(width + 2)).toBe(false);
  });

  test('an ESP8266 loads constants into RAM, so that this is what it has too little of', () => {
    const model = benchModel({ name: 'wide', widths: [784, 128, 10], zeros: 0.6 });
    const [esp8266, esp32] = ['esp8266', 'esp32-c3'].map(findBoard);
    const onEsp8266 = estimateBoard(model, esp8266, 'c', false, null);
    expect(onEsp8266.shortfall).toMatch(/bytes of RAM; esp8266 has 81920$/);
    expect(onEsp8266.ramBytes).toBeGreaterThan(784 * 128);
    expect(onEsp8266.flashBytes).toBeGreaterThan(onEsp8266.ramBytes - 784 - 128 - 1000);
    expect(estimateBoard(model, esp32, 'c', false, null).ramBytes).toBeLessThan(2000);
  });

  test('names only boards where the inputs alone are too many', () => {
    const changes = findChanges(request(2, 2100));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatch(/^choose --board .*mega/);
  });
});
