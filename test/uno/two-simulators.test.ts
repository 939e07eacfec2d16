import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { benchModel, benchRows } from '../../bench/networks.js';
import { kernelNames } from '../../codegen/kernels.js';
import { findBoard } from '../../model/board.js';
import { createRandom } from '../../model/random.js';
import {
  AVR_BOARDS,
  compileAvrBatch,
  runInAvr8js,
  runInQemu,
  writeAvrBatch,
  type AvrBoard,
} from '../support/avr-batch.js';
import { randomModel, randomRows } from '../support/random-model.js';

/** Two simulators that know nothing of each other run the same program and give the reference's answers, byte by byte. */

const MODELS = 54;
const ROWS = 20;
/** Of each model, beside those that are answered in full. */
const MORE_ROWS = 1000;
/** Of the second network and the first, in both kinds of time. */
const FEW_ROWS = 10;
const MANY_ROWS = 200;
/** As the Arduino IDE links for a Mega: with calls and jumps made shorter. */
const RELAXED = ['-Wl,--relax'];
/** Models in one program: the Mega's constants must be less than 62 KB. */
const BATCHES: Readonly<Record<AvrBoard, number>> = { uno: 5, mega: 15 };
const folder = mkdtempSync(path.join(tmpdir(), 'neurona-two-simulators-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = createRandom(2560);
const networks = [
  { name: 'small', widths: [4, 8, 3], zeros: 0.3, rows: MANY_ROWS },
  { name: 'larger', widths: [16, 20, 4], zeros: 0.3, rows: FEW_ROWS },
];
const models = [
  ...networks.map((network) => ({ model: benchModel(network), raw: benchRows(network, network.rows, 3) })),
  ...Array.from({ length: MODELS }, () => {
    const model = randomModel(random, 4, 24);
    return { model, raw: randomRows(random, model, ROWS) };
  }),
];

const batches = (Object.keys(AVR_BOARDS) as AvrBoard[]).flatMap((id) => {
  const board = findBoard(id);
  const compact = { ...board, flashBytes: null };
  const cases = models.flatMap(({ model, raw }, k) => {
    const fast = { model, raw, board: k % 3 === 2 ? compact : board, constantTime: false };
    if (k < networks.length) return [fast, { ...fast, constantTime: true }];
    return [{ ...fast, constantTime: k % 2 === 0 }];
  });
  const size = BATCHES[id];
  return Array.from({ length: Math.ceil(cases.length / size) }, (_, b) => {
    const place = path.join(folder, `${id}${b}`);
    return { id, b, place, ...writeAvrBatch(place, cases.slice(b * size, (b + 1) * size)) };
  });
});

test.each(Object.keys(AVR_BOARDS))('these models take every kernel of an AVR: %s', (board) => {
  const kernels = batches.filter(({ id }) => id === board).flatMap((batch) => batch.kernels);
  expect([...new Set(kernels)].sort()).toEqual(kernelNames('avr').sort());
});

test.each(batches)('$id, batch $b', { timeout: 120_000 }, async ({ id, b, place, dialogue }) => {
  await compileAvrBatch(place, id, id === 'mega' && b % 2 === 0 ? RELAXED : []);
  const drawn = dialogue(MORE_ROWS);
  const onTheLine = dialogue(MORE_ROWS, 'on the line');
  expect(onTheLine.expected.equals(drawn.expected)).toBe(true);
  const answers = await Promise.all([runInQemu(place, id, drawn), runInAvr8js(place, id, onTheLine)]);
  for (const answer of answers) expect(answer.equals(drawn.expected)).toBe(true);
});
