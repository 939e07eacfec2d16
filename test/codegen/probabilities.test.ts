import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateFirmware } from '../../codegen/generate.js';
import { findBoard } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import { probabilities, quantizeProbability } from '../../model/probability.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { createRandom } from '../../model/random.js';
import { SANITIZERS } from '../support/differential.js';
import { WARNINGS } from '../support/host-batch.js';
import { tinyModel } from '../support/tiny-model.js';

/** The C twin over all of 32 bits: more than the outputs of any one model. Its other tests are those of whole models. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-probabilities-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 3000;
const KINDS = [
  ['softmax', 'argmax', 5],
  ['sigmoid', 'argmax', 5],
  ['sigmoid', 'sign', 1],
] as const;
/** z per unit of a raw output: 0 makes all outputs alike, 1e6 makes one unit decide. */
const UNITS = [0, 1e-8, 1e-3, 0.11, 1e6];

/** A model with so many outputs; nobody asks for its forward pass here. */
function modelOf(kind: (typeof KINDS)[number], unit: number): QuantizedModel {
  const [name, decision, outputs] = kind;
  const [hidden, last] = tinyModel().layers;
  const layer = { ...last, outputs, weights: new Int8Array(3 * outputs), bias: new Int32Array(outputs) };
  const classes = Array.from({ length: decision === 'sign' ? 2 : outputs }, (_, k) => `c${k}`);
  const probability = quantizeProbability(name, unit);
  return tinyModel({ layers: [hidden, layer], classes, decision, probability });
}

const ENDS = [-2147483648, 2147483647, 0, 1, -1];

test('the C computes the probabilities of the reference at every edge of 32 bits', () => {
  const random = createRandom(31);
  const models = KINDS.flatMap((kind) => UNITS.map((unit) => ({ unit, model: modelOf(kind, unit) })));
  const inputs: Buffer[] = [];
  const expected: Buffer[] = [];
  const runs = models.map(({ unit, model }, k) => {
    const { files } = generateFirmware({
      model,
      modelHash: modelFileText(model).hash,
      board: findBoard('host'),
      format: 'c',
      name: `m${k}`,
      folderName: 'probabilities',
      constantTime: false,
    });
    for (const file of files)
      if (!file.path.includes('/')) writeFileSync(path.join(folder, file.path), file.content);
    const size = model.layers[1].outputs;
    for (let r = 0; r < ROWS; r++) {
      const spread = 2 ** random.below(5) / (unit || 1);
      const outputs = Int32Array.from({ length: size }, () => {
        const near = Math.round(random.normal() * spread);
        if (random.below(9) === 0) return ENDS[random.below(ENDS.length)];
        return r % 2 === 0 && near === (near | 0) ? near : random.uint32() | 0;
      });
      inputs.push(Buffer.from(outputs.buffer));
      expected.push(Buffer.from(probabilities(model, outputs)!.buffer));
    }
    return `    RUN(m${k}, M${k})\n`;
  });
  const includes = models.map((_, k) => `#include "m${k}.c"\n`).join('');
  writeFileSync(
    path.join(folder, 'main.c'),
    `#include <stdio.h>
${includes}#define RUN(name, NAME) for (row = 0; row < ${ROWS}; row++) { \\
    int32_t outputs[NAME##_OUTPUTS]; \\
    uint16_t shares[NAME##_CLASSES]; \\
    if (fread(outputs, sizeof outputs, 1, stdin) != 1) return 1; \\
    name##_probabilities(outputs, shares); \\
    fwrite(shares, sizeof shares, 1, stdout); \\
}
int main(void)
{
    int row;
${runs.join('')}    return 0;
}
`,
  );
  const program = path.join(folder, 'main');
  execFileSync('gcc', ['-std=c99', '-O1', ...WARNINGS, ...SANITIZERS, `${program}.c`, '-o', program]);
  const got = execFileSync(program, { input: Buffer.concat(inputs), maxBuffer: 1 << 26 });
  expect(got.equals(Buffer.concat(expected))).toBe(true);
});
