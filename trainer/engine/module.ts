import { readFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** What assembly/kernel.ts exports. */
export interface Kernel {
  /** 1 where all layers were quantised by their present weights. */
  readonly beginEpoch: (isQuantized: number) => void;
  /** For the rows of some batches, on 1 or 2 threads; on 2 only where the kernel is assisted. */
  readonly runSteps: (from: number, to: number, threads: number) => void;
  /** 1 where a second thread waits to be summoned. */
  readonly isAssisted: () => number;
  /** The second thread; never returns. */
  readonly assist: () => void;
  /** How often, see assembly/quantize.ts. */
  readonly quantizeLayer: (l: number) => number;
  /** Of a quantised layer, see `lostShare` of accumulators.ts. */
  readonly lostShare: (l: number) => number;
  /** All weights and biases to H_PARAMETERS; returns the largest magnitude, NaN where one is no number. */
  readonly readParameters: () => number;
  /** Of the order, by the random numbers whose state is in the header. */
  readonly shuffle: () => void;
  /** Of few inputs that never change, see H_WIDE_REALS: all rows in the forms that steps take them in. */
  readonly widenInputs: () => void;
  /** On 1 or 2 threads, as steps. */
  readonly measureRange: (l: number, order: number, count: number, threads: number) => void;
}

/** `npm run build` puts it there; the sources are in assembly/. */
const KERNEL_FILE = path.join(PACKAGE_ROOT, 'dist', 'trainer', 'engine', 'kernel.wasm');

const modules = new Map<boolean, WebAssembly.Module>();

/**
 * `isLong`: compile with the optimising compiler at once. It costs about 10 ms, which only pays where the run lasts
 * longer: otherwise V8 starts with its quick compiler and improves the busy functions on the way.
 */
export function compile(isLong: boolean): WebAssembly.Module {
  let compiled = modules.get(true) ?? modules.get(isLong);
  if (!compiled) {
    if (isLong) {
      v8.setFlagsFromString('--no-liftoff');
      v8.setFlagsFromString('--no-wasm-lazy-compilation');
    }
    compiled = new WebAssembly.Module(readFileSync(KERNEL_FILE));
    if (isLong) {
      v8.setFlagsFromString('--liftoff');
      v8.setFlagsFromString('--wasm-lazy-compilation');
    }
    modules.set(isLong, compiled);
  }
  return compiled;
}

/** `stage`: makes a layer's activation stage for the largest z per unit of accumulator. */
export function kernelOf(
  compiled: WebAssembly.Module,
  memory: WebAssembly.Memory,
  stage: (l: number, stepScale: number) => void,
): Kernel {
  return new WebAssembly.Instance(compiled, { env: { memory, stage } }).exports as unknown as Kernel;
}
