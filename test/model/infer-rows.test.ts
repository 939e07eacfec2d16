import { expect, test } from 'vitest';
import { inferRows } from '../../model/infer-rows.js';
import { predict } from '../../model/infer.js';
import { powerOfTen } from '../../model/elementary.js';
import { entryOf } from '../../model/network.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { rawFeatures } from '../../model/raw-features.js';
import { livelyModel, randomModel, randomModelOf, randomRows } from '../support/random-model.js';

/** The reference, row by row. */
function expected(model: QuantizedModel, values: Float64Array | Uint8Array): number[] {
  const features = model.input.features.length;
  const raw = rawFeatures(values, features, model.input);
  return Array.from({ length: raw.length / features }, (_, row) => [
    ...predict(model, raw.subarray(row * features, (row + 1) * features)).outputs,
  ]).flat();
}

test('many rows at once give the outputs of the reference, bit for bit', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = createRandom(seed);
    const model = seed % 2 === 0 ? livelyModel(random, 4, 40) : randomModel(random);
    const features = model.input.features.length;
    const rows = 20;
    const values = Float64Array.from(
      randomRows(random, model, rows),
      (raw, k) => raw / powerOfTen(entryOf(model.input.decimals, k % features)),
    );
    expect([...inferRows(model, values)], `seed ${seed}`).toEqual(expected(model, values));
  }
});

test('bytes of images too, over more rows than one piece holds', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = createRandom(seed);
    const model = randomModelOf(random, 3, 2, () => 4);
    // every second seed shares one entry between the features, as images do
    const shared = { low: Int32Array.of(0), span: Int32Array.of(255), multiplier: Int32Array.of(32639) };
    const input = { ...model.input, rawType: 'uint8', decimals: [0], maximum: 127, ...shared } as const;
    const image = seed % 2 === 0 ? model : { ...model, input };
    const values = Uint8Array.from({ length: 3 * 2500 }, () => random.below(256));
    expect([...inferRows(image, values)], `seed ${seed}`).toEqual(expected(image, values));
  }
});

test('no rows give no outputs', () => {
  expect(inferRows(randomModel(createRandom(1)), new Float64Array(0))).toHaveLength(0);
});
