import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** Files that take minutes, so that neither worker ends with one of them while the other has nothing left to do. */
const LONG = /differential-(gcc|clang)/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = (file: TestSpecification): boolean => LONG.test(file.moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/dist\//] } }, // the built program is run as it is
    isolate: false, // the modules are loaded once by each worker, not once by each file
    maxWorkers: 3, // of two cores one is often idle while a test waits for a compiler's files or a deadline
    sequence: { sequencer: LongestFirst },
  },
});
