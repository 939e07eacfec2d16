import type { ImageSize } from '../model/network.js';

/** The size of the images that are the rows. */
export interface Image extends ImageSize {
  /** The images before `crop` in their middle was resized, bytes (rows, height * width); none where they were not. */
  readonly original?: ImageSize & { readonly crop: ImageSize; readonly values: Uint8Array };
}

/** The numbers that a regression is to predict. */
export interface Targets {
  readonly names: readonly string[];
  readonly values: Float64Array; // (rows, targets), row major
  /** Digits after the decimal point that each target's column needs as text. */
  readonly decimals: readonly number[];
}

/** Rows of numbers with their classes or their targets, whatever file they came from. */
export interface Dataset {
  /** The first file's name without folder and endings: `iris` for `data/iris.csv.gz`. */
  readonly name: string;
  readonly features: readonly string[];
  /** Empty where the rows have targets. */
  readonly classes: readonly string[];
  readonly rows: number;
  readonly values: Float64Array | Uint8Array; // (rows, features), row major; bytes for images
  /** (rows,) index into `classes`; null where the data has no label column (allowed for `verify` only) or targets. */
  readonly labels: Uint16Array | null;
  /** Null where the data is for classification, or has no label columns. */
  readonly targets: Targets | null;
  /** Digits after the decimal point that each feature's column needs as text; all 0 for images. */
  readonly decimals: readonly number[];
  readonly image: Image | null;
  /** SHA-256 over the bytes that were read, as hex. */
  readonly sha256: string;
}
