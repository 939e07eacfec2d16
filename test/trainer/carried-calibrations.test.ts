import { describe, expect, it } from 'vitest';
import { carryCalibrations } from '../../trainer/carried-calibrations.js';
import { createState } from '../../trainer/carried-state.js';
import type { Calibration } from '../../trainer/parameters.js';
import { problem, randomData } from '../engine/helpers.js';

function carry(rows: number, batch: number | 'full', output: 'softmax' | 'step' = 'softmax') {
  const { setting } = problem(randomData(1, 12, 3, 2), { hidden: [4] });
  const state = createState();
  const options = { ...setting.options, batch, output };
  return { state, carried: carryCalibrations(setting.shapes, rows, options, state.keep) };
}

describe('calibrations that outlast an epoch', () => {
  it.each([
    [32, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [31, 1, [1, 3, 5, 7, 9]],
    [150, 16, [1, 5, 9]],
    [1797, 64, [1, 3, 5, 7, 9]],
    [60_000, 64, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [1000, 'full', [1]],
  ] as const)('%i rows in batches of %s are calibrated anew in the epochs %j', (rows, batch, due) => {
    const { carried } = carry(rows, batch);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].filter(carried.isDue)).toEqual(due);
  });

  it('a perceptron is calibrated in every epoch, in its two worlds by turns', () => {
    expect([1, 2, 3].every(carry(10, 'full', 'step').carried.isDue)).toBe(true);
  });

  it('survive a checkpoint', () => {
    const range = { low: -1.25, high: 1 / 3 };
    const cases: Calibration[][] = [
      [
        { range, accumulator: 16, activationShift: 7 },
        { range: null, accumulator: 24 },
      ],
      [
        { range, accumulator: undefined },
        { range: null, accumulator: undefined },
      ],
    ];
    for (const calibrations of cases) {
      const { state, carried } = carry(10, 1);
      carried.write(calibrations);
      const resumed = carry(10, 1);
      resumed.state.restore(state.save());
      expect(resumed.carried.read()).toEqual(calibrations);
    }
  });
});
