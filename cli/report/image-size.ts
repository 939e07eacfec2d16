import type { ImageSize } from '../../model/network.js';
import type { Subject } from './subject.js';

/** The size of the images that a model reads; null where its rows are no images. */
export function imageSizeOf({ model, parts }: Subject): ImageSize | null {
  const { features, rawType, resize, low } = model.input;
  if (resize) return resize.to;
  const image = parts[0]?.data.image;
  if (image) return { height: image.height, width: image.width };
  // Without rows: bytes that share one scaling are pixels, and a square number of them a square image.
  const side = Math.round(Math.sqrt(features.length));
  const isSquare = rawType === 'uint8' && low.length === 1 && side >= 4 && side * side === features.length;
  return isSquare ? { height: side, width: side } : null;
}
