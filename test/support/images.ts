import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRandom } from '../../model/random.js';

const idx = (magic: number, sizes: readonly number[], data: Uint8Array): Buffer => {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  [magic, ...sizes].forEach((number, i) => header.writeUInt32BE(number, 4 * i));
  return Buffer.concat([header, data]);
};

/** `NAME-images-idx3-ubyte` and its labels: 60 images, bright above or below. */
export function writeImages(folder: string, name: string, height: number, width: number): void {
  const random = createRandom(height);
  const [rows, pixels] = [60, height * width];
  const isBright = (k: number) => Math.floor((k % pixels) / width) < height / 2 === (k / pixels) % 2 < 1;
  const values = Uint8Array.from(
    { length: rows * pixels },
    (_, k) => random.below(100) + (isBright(k) ? 150 : 0),
  );
  const labels = Uint8Array.from({ length: rows }, (_, row) => row % 2);
  writeFileSync(path.join(folder, `${name}-images-idx3-ubyte`), idx(0x803, [rows, height, width], values));
  writeFileSync(path.join(folder, `${name}-labels-idx1-ubyte`), idx(0x801, [rows], labels));
}
