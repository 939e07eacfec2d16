import { readFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** What assembly/kernel.ts exports. */
export interface Kernel {
  readonly runEpoch: (threads: number) => void;
  readonly isAssisted: () => number;
  readonly assist: () => void;
  readonly quantizeLayer: (l: number) => void;
  readonly measureRange: (l: number, order: number, count: number) => void;
}

/** `npm run build` puts it there; the sources are in assembly/. */
const KERNEL_FILE = path.join(PACKAGE_ROOT, 'dist', 'trainer', 'engine', 'kernel.wasm');

const compiled = new Map<boolean, WebAssembly.Module>();

/**
 * `isLong`: compile with the optimising compiler at once. It costs about 10 ms, which only pays where the run lasts
 * longer: otherwise V8 starts with its quick compiler and improves the busy functions on the way.
 */
function compile(isLong: boolean): WebAssembly.Module {
  let compiledModule = compiled.get(true) ?? compiled.get(isLong);
  if (!compiledModule) {
    if (isLong) {
      v8.setFlagsFromString('--no-liftoff');
      v8.setFlagsFromString('--no-wasm-lazy-compilation');
    }
    compiledModule = new WebAssembly.Module(readFileSync(KERNEL_FILE));
    if (isLong) {
      v8.setFlagsFromString('--liftoff');
      v8.setFlagsFromString('--wasm-lazy-compilation');
    }
    compiled.set(isLong, compiledModule);
  }
  return compiledModule;
}

/** `stage`: makes a layer's activation stage for the largest z per unit of accumulator. */
export function instantiate(
  memory: WebAssembly.Memory,
  isLong: boolean,
  stage: (l: number, stepScale: number) => void,
): Kernel {
  const instance = new WebAssembly.Instance(compile(isLong), { env: { memory, stage } });
  return instance.exports as unknown as Kernel;
}
