import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../model/random.js';
import { carryCalibrations } from '../../trainer/carried-calibrations.js';
import { createState } from '../../trainer/carried-state.js';
import { engineEpochs } from '../../trainer/engine/engine.js';
import { compile, kernelOf } from '../../trainer/engine/module.js';
import { createMemory } from '../../trainer/engine/arena.js';
import { createPace, startSecondThread } from '../../trainer/engine/second-thread.js';
import type { TrainOptions } from '../../trainer/options.js';
import { resolveOptions } from '../../trainer/options.js';
import { train } from '../../trainer/train.js';
import { problem, randomData } from './helpers.js';

const EPOCHS = 2;

/** Every bit that an engine on so many threads leaves: parameters, cost and hits of each epoch. */
function trained(threads: 1 | 2, data: ReturnType<typeof randomData>, given: Partial<TrainOptions>) {
  const { setting, options, start } = problem(data, given);
  const parameters = start();
  const random = createRandom(7);
  const { keep } = createState();
  const carried = carryCalibrations(setting.shapes, data.rows, options, keep);
  const run = engineEpochs({ ...setting, parameters, carried, keep, random }, threads)!;
  const order = Uint32Array.from({ length: data.rows }, (_, r) => r);
  const seen = Array.from({ length: EPOCHS }, (_, epoch) => {
    random.shuffle(order);
    return run(epoch + 1, order);
  });
  void run.end?.();
  return { seen, weights: [...parameters.vector] };
}

describe('two threads leave every bit as one does', () => {
  const optimizers = ['adam', 'sgd', 'muon'] as const;
  for (const isImage of [false, true]) {
    for (const fixedPoint of [false, true]) {
      it(`${isImage ? 'sparse' : 'dense'}, ${fixedPoint ? 'through the integers' : 'in floating point'}`, () => {
        for (const optimizer of optimizers) {
          for (const [hidden, batch, activation, features] of [
            [[], 16, 'relu', 21],
            [[40, 9], 21, 'tanh', 21],
            [[33, 12], 64, 'relu', 21],
            // so few inputs of a layer, or rows of the last batch, that one thread has them all
            [[33, 8], 64, 'relu', 21],
            [[40, 3], 72, 'tanh', 5],
          ] as const) {
            if (optimizer === 'muon' && hidden.length === 0) continue;
            const data = randomData(batch, 75, features, 5, isImage);
            const given = { optimizer, hidden, batch, activation, fixedPoint, epochs: EPOCHS };
            const one = trained(1, data, given);
            expect(trained(2, data, given)).toEqual(one);
            if (hidden.length === 0) continue;
            const noisy = { ...given, dropout: 0.2, inputNoise: isImage ? 0 : 0.4 };
            const disturbed = trained(1, data, noisy);
            expect(disturbed).not.toEqual(one);
            expect(trained(2, data, noisy)).toEqual(disturbed);
          }
        }
      });
    }
  }
});

describe('the second thread', () => {
  it('ends when it is told to, while it waits', async () => {
    const memory = createMemory(1 << 16);
    const compiled = compile(false);
    const second = startSecondThread({ compiled, memory });
    Atomics.wait(new Int32Array(memory.buffer), 16, 0);
    expect(kernelOf(compiled, memory, () => {}).isAssisted()).toBe(1);
    expect(await second.end()).toBe(1);
  });

  it('is ended by `train`, whether that returns or throws', () => {
    const data = randomData(1, 300, 200, 3);
    const options = resolveOptions({ hidden: [128], batch: 64, epochs: 1000, patience: 1 }, data);
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    const fault = new Error('from onEpoch');
    const stop = () => {
      throw fault;
    };
    expect(() => train(data, options, stop)).toThrow(fault);
    expect(terminate).toHaveBeenCalledTimes(1);
    expect(train(data, options).history.length).toBeLessThan(1000);
    expect(terminate).toHaveBeenCalledTimes(2);
    terminate.mockRestore();
  });
});

describe('the pace', () => {
  it('keeps to the faster number of threads and tries the other one again, less and less often', () => {
    for (const faster of [1, 2]) {
      const pace = createPace();
      const tried: number[] = [];
      for (let k = 0; k < 2000; k++) {
        const threads = pace.threads();
        if (threads !== faster) tried.push(k);
        pace.took(threads, threads === faster ? 1 : 3);
      }
      expect(tried.length).toBeGreaterThan(3);
      expect(tried.length).toBeLessThan(12);
      expect(tried.at(-1)! - tried.at(-2)!).toBeGreaterThan(300);
    }
  });

  it('changes over when the other one becomes faster', () => {
    const pace = createPace();
    for (let k = 0; k < 100; k++) pace.took(pace.threads(), pace.threads() === 2 ? 1 : 3);
    for (let k = 0; k < 100; k++) pace.took(pace.threads(), pace.threads() === 2 ? 9 : 3);
    expect(pace.threads()).toBe(1);
  });
});
