import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchModel } from '../../bench/networks.js';
import { kernelNames } from '../../codegen/kernels.js';
import { findBoard } from '../../model/board.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import {
  firstDifference,
  referenceAnswers,
  runCoreBatch,
  writeCoreBatch,
  type CoreCase,
} from '../support/core-batch.js';
import { CORE_BOARDS, CORE_NAMES, type CoreName } from '../support/core-program.js';
import { WARNINGS } from '../support/host-batch.js';
import { livelyModel, randomModel, randomModelOf, randomRows } from '../support/random-model.js';

/** Random models on every 32-bit core in QEMU: every class and every raw output, through every kernel. */

/** Whose answers differ from row to row, and with extremes, most of which have but one answer. */
const LIVELY_MODELS = 50;
const EXTREME_MODELS = 30;
/** Of lively models, and of the others. */
const ROWS = 1000;
const FEW_ROWS = 50;
/** Models in one program, where they are not all in one: the micro:bit has 256 KB of flash and 16 KB of RAM. */
const BATCHES: Partial<Record<CoreName, number>> = { 'cortex-m0plus': 20 };
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-cores-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sizes at which words, blocks and unrolling come to an end; random models of these sizes need wide accumulators. */
const SIZES: readonly (readonly number[])[] = [
  [1, 1],
  [1, 17, 1],
  [2, 33, 2],
  [5, 15, 16, 11],
  [257, 7, 3],
  [3, 130, 2],
];
/** Trained networks fit 16 bits; few random ones do. */
const NARROW: readonly (readonly number[])[] = [
  [1, 1],
  [4, 8, 3],
  [3, 4, 4, 3],
  [7, 16, 17, 2],
  [9, 31, 32, 33, 1],
  [64, 65, 10],
  [256, 13, 2],
];

/** Neighbours in a word at both ends of 16 bits: at an input of zero they are exactly -32768 and 32767. */
function edgeModel(inputs: number, outputs: number): QuantizedModel {
  const base = benchModel({ name: 'edge', widths: [inputs, outputs], zeros: 0 });
  const bias = Int32Array.from({ length: outputs }, (_, n) => (n % 2 === 0 ? -32768 : 32767));
  const weights = Int8Array.from({ length: inputs * outputs }, (_, k) =>
    Math.floor(k / inputs) % 2 === 0 ? 1 : -1,
  );
  return { ...base, layers: [{ ...base.layers[0], bias, weights, accumulatorBits: 16 }] };
}

const random = createRandom(64);
const wide = [
  ...Array.from({ length: LIVELY_MODELS }, () => livelyModel(random, 3, 20)),
  ...Array.from({ length: EXTREME_MODELS }, () => randomModel(random, 5, 40)),
  ...SIZES.map(([features, ...widths]) => randomModelOf(random, features, widths.length, (l) => widths[l])),
];
const narrow = [
  ...NARROW.map((widths) => benchModel({ name: 'narrow', widths, zeros: 0.3 })),
  edgeModel(3, 5),
  edgeModel(40, 34),
];
/** The same on every core, so that the reference answers once for all. */
const models = [...wide, ...narrow, ...narrow].map((model, k) => {
  const one = { model, raw: randomRows(random, model, k < LIVELY_MODELS ? ROWS : FEW_ROWS) };
  return { ...one, mode: k < wide.length ? k % 4 : Number(k >= wide.length + narrow.length) };
});
const expected = models.map(({ model, raw }) => referenceAnswers({ model, raw }));

function casesOf(core: CoreName): CoreCase[] {
  const board = findBoard(CORE_BOARDS[core]);
  /** Without known flash there is none to spend, so that narrow layers take the other kernels too. */
  const compact = { ...board, flashBytes: null };
  const modes = [
    { board, constantTime: false },
    { board, constantTime: true },
    { board: compact, constantTime: true },
    { board: compact, constantTime: false },
  ];
  return models.map(({ model, raw, mode }) => ({ model, raw, ...modes[mode] }));
}

describe.each(CORE_NAMES)('%s', (core) => {
  const cases = casesOf(core);
  const kernels: string[] = [];
  const size = BATCHES[core] ?? cases.length;
  const batches = Array.from({ length: Math.ceil(cases.length / size) }, (_, b) => {
    const place = path.join(folder, `${core}${b}`);
    const [from, to] = [b * size, (b + 1) * size];
    kernels.push(...writeCoreBatch(place, cases.slice(from, to)));
    return { b, place, batch: cases.slice(from, to), answers: expected.slice(from, to) };
  });

  test('these models take every kernel there is', () => {
    const all = kernelNames(findBoard(CORE_BOARDS[core]).core);
    expect([...new Set(kernels)].sort()).toEqual(all.sort());
  });

  test.each(batches)('batch $b computes what the reference computes', async ({ place, batch, answers }) => {
    const got = await runCoreBatch(core, place, batch, ['-std=c99', '-Os', ...WARNINGS]);
    expect(firstDifference(got, answers)).toBeNull();
    // Time may depend on the data only where it was allowed to.
    batch.forEach(({ constantTime }, k) => {
      const times = new Set(got[k].instructions);
      if (constantTime) expect(times.size, `m${k}`).toBe(1);
    });
  });
});
