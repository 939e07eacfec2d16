import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BOARDS } from '../../bench/device-facts.js';
import { benchModel } from '../../bench/networks.js';
import { kernelNames } from '../../codegen/kernels.js';
import { findBoard } from '../../model/board.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { referenceAnswers, runCoreBatch, writeCoreBatch, type CoreCase } from '../support/core-batch.js';
import { CORE_NAMES, type CoreName } from '../support/core-program.js';
import { WARNINGS } from '../support/host-batch.js';
import { randomModel, randomModelOf, randomRows } from '../support/random-model.js';

/** Random models on every 32-bit core in QEMU: every class and every raw output, through every kernel. */

const MODELS = 60;
const ROWS = 8;
/** Models in one program: the micro:bit has 256 KB of flash and 16 KB of RAM. */
const BATCH = 20;
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

function casesOf(core: CoreName): CoreCase[] {
  const random = createRandom(64);
  const board = findBoard(BOARDS[core]);
  /** Without known flash there is none to spend, so that narrow layers take the other kernels too. */
  const compact = { ...board, flashBytes: null };
  const modes = [
    { board, constantTime: false },
    { board, constantTime: true },
    { board: compact, constantTime: true },
    { board: compact, constantTime: false },
  ];
  const narrow = [
    ...NARROW.map((widths) => benchModel({ name: 'narrow', widths, zeros: 0.3 })),
    edgeModel(3, 5),
    edgeModel(40, 34),
  ];
  const models: QuantizedModel[] = [
    ...Array.from({ length: MODELS }, () => randomModel(random, 5, 40)),
    ...SIZES.map(([features, ...widths]) => randomModelOf(random, features, widths.length, (l) => widths[l])),
  ];
  return [
    ...models.map((model, k) => ({ model, ...modes[k % modes.length] })),
    ...narrow.flatMap((model) => modes.slice(0, 2).map((mode) => ({ model, ...mode }))),
  ].map((one) => ({ ...one, raw: randomRows(random, one.model, ROWS) }));
}

describe.each(CORE_NAMES)('%s', (core) => {
  const cases = casesOf(core);
  const kernels: string[] = [];
  const batches = Array.from({ length: Math.ceil(cases.length / BATCH) }, (_, b) => {
    const batch = cases.slice(b * BATCH, (b + 1) * BATCH);
    const place = path.join(folder, `${core}${b}`);
    kernels.push(...writeCoreBatch(place, batch));
    return { b, place, batch };
  });

  test('these models take every kernel there is', () => {
    expect([...new Set(kernels)].sort()).toEqual(kernelNames(core).sort());
  });

  test.each(batches)('batch $b computes what the reference computes', async ({ place, batch }) => {
    const answers = await runCoreBatch(core, place, batch, ['-std=c99', '-Os', ...WARNINGS]);
    const got = answers.map((rows) => rows.map(({ label, outputs }) => ({ label, outputs })));
    expect(got).toEqual(batch.map(referenceAnswers));
    // Time may depend on the data only where it was allowed to.
    batch.forEach(({ constantTime }, k) => {
      const times = new Set(answers[k].map(({ instructions }) => instructions));
      if (constantTime) expect(times.size, `m${k}`).toBe(1);
    });
  });
});
