import { crc32, deflateSync } from 'node:zlib';
import type { ImageSize } from '../../model/network.js';
import { markup, type Html } from './markup.js';

/** Pictures as PNG inside the page (W3C, Portable Network Graphics, 3rd edition). */

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** pixels (height, width, 4), red, green, blue and alpha -> the bytes of a PNG file */
export function png({ height, width }: ImageSize, pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8); // 8 bits a channel, RGBA
  const lines = Buffer.alloc(height * (1 + 4 * width)); // each line begins with its filter: 0, none
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(y * 4 * width, (y + 1) * 4 * width), y * (1 + 4 * width) + 1);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

const image = (
  size: ImageSize,
  pixels: Uint8Array,
  alt: string,
): Html => markup`<img class="pixels" alt="${alt}"
src="data:image/png;base64,${png(size, pixels).toString('base64')}">`;

const BLUE = [0x00, 0x84, 0xd0] as const;
const ORANGE = [0xe0, 0x6a, 0x10] as const;

/** values (height, width) of either sign: blue above 0, orange below, as strong as the value is of the `largest`. */
export function signedPicture(
  size: ImageSize,
  values: ArrayLike<number>,
  largest: number,
  alt: string,
): Html {
  const pixels = new Uint8Array(4 * values.length);
  for (let k = 0; k < values.length; k++) {
    const alpha = Math.round((255 * Math.abs(values[k])) / Math.max(largest, 1e-30));
    pixels.set([...(values[k] > 0 ? BLUE : ORANGE), alpha], 4 * k);
  }
  return image(size, pixels, alt);
}

/** Bytes (height, width), 0 black and 255 white. */
export function greyPicture(size: ImageSize, values: ArrayLike<number>, alt: string): Html {
  const pixels = new Uint8Array(4 * values.length);
  for (let k = 0; k < values.length; k++) pixels.set([values[k], values[k], values[k], 255], 4 * k);
  return image(size, pixels, alt);
}
