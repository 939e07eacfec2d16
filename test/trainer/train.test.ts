import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../dataset/dataset.js';
import { networkFileText } from '../../model/network-text.js';
import { Problem } from '../../model/problem.js';
import { evaluateFloat, predictFloat } from '../../trainer/evaluate.js';
import { resolveOptions } from '../../trainer/options.js';
import type { EpochProgress } from '../../trainer/history.js';
import { train } from '../../trainer/train.js';
import { fit, gate, integerAccuracy, loadIris, quantize, table, XOR } from './helpers.js';

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error.details.code;
    throw error;
  }
  return 'no problem';
};

describe('a training run', () => {
  it('gives the same bytes for the same seed, and others for another (fault 52)', async () => {
    const iris = await loadIris();
    for (const fixedPoint of [true, false]) {
      const text = (seed: number) => networkFileText(fit(iris, { seed, epochs: 5, fixedPoint }).network).text;
      expect(text(1)).toBe(text(1));
      expect(text(1)).not.toBe(text(2));
    }
  });

  it('reports every epoch and records how it was made', () => {
    const seen: EpochProgress[] = [];
    const { history, network } = train(XOR, resolveOptions({ epochs: 30 }, XOR), (progress) =>
      seen.push(progress),
    );
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 30 }, (_, k) => k + 1));
    expect(seen).toEqual(history);
    expect(network.training).toMatchObject({ rows: 4, epochs: 30, data: XOR.sha256, loss: history[29].loss });
    expect(network.training.options).toMatchObject({ seed: 1, hidden: [8], epochs: 30 });
  });

  it('starts from the cost of not knowing: ln 2 for two classes with zero weights', () => {
    const { history } = fit(XOR, { init: 'zero', batch: 'full', epochs: 1, fixedPoint: false });
    expect(history[0].loss).toBeCloseTo(Math.LN2, 14);
    expect(history[0].accuracy).toBe(0.5);
  });

  it('a full batch larger than a chunk gives the same gradient as one that fits', () => {
    const small = Array.from({ length: 100 }, (_, r) => [Math.sin(r), Math.cos(3 * r), r % 3]);
    const once = table(small, 6);
    const six = table([small, small, small, small, small, small].flat(), 6);
    const options = { batch: 'full', epochs: 4, fixedPoint: false, optimizer: 'sgd', l2: 0 } as const;
    const weights = (data: Dataset) => fit(data, options).network.layers[0].weights;
    const expected = weights(once);
    weights(six).forEach((w, k) => expect(w).toBeCloseTo(expected[k], 7));
  });

  it('writes weights of at most 9 significant digits', () => {
    const { network } = fit(XOR, { epochs: 20 });
    for (const { weights, bias } of network.layers) {
      for (const value of [...weights, ...bias]) expect(Number(value.toPrecision(9))).toBe(value);
    }
  });

  it('leaves the last layer without a range and gives every other one', () => {
    for (const fixedPoint of [true, false]) {
      const { network } = fit(XOR, { hidden: [3, 2], epochs: 3, fixedPoint });
      expect(network.layers.map(({ range }) => range !== null && range.low <= range.high)).toEqual([
        true,
        true,
        false,
      ]);
    }
  });
});

describe('faults', () => {
  it('a cost that is no number stops the run with the last good network (fault 43)', () => {
    for (const fixedPoint of [true, false]) {
      const wild = {
        optimizer: 'sgd',
        learningRate: 1000,
        output: 'identity',
        schedule: 'constant',
      } as const;
      const { diverged, history, network, warnings } = fit(XOR, {
        ...wild,
        batch: 'full',
        epochs: 300,
        fixedPoint,
      });
      expect(diverged).toBe(true);
      expect(history.length).toBeLessThan(300);
      expect(warnings.at(-1)).toContain(`diverged in epoch ${history.length + 1}`);
      expect(network.training.epochs).toBe(history.length);
      expect(() => networkFileText(network)).not.toThrow(); // throws where a number is not finite
    }
  });

  it('a cost that is no number in the very first epoch leaves the initial network', () => {
    const huge = {
      optimizer: 'sgd',
      learningRate: 1000,
      output: 'identity',
      batch: 1,
      epochs: 1,
      l2: 1e6,
    } as const;
    const rows = Array.from({ length: 40 }, (_, k) => [k, k & 1]);
    const { diverged, history, network } = fit(table(rows), { ...huge, schedule: 'constant' });
    expect([diverged, history.length]).toEqual([true, 0]);
    expect(() => networkFileText(network)).not.toThrow();
  });

  it('constant features and layers of zeros are warned of and work (fault 44)', () => {
    const data = table([[5, 0, 0], [5, 1, 1], [5, 0, 0], [5, 1, 1]]); // prettier-ignore
    const { network, warnings } = fit(data, {});
    expect(warnings).toEqual([expect.stringContaining('"x1" is constant')]);
    expect(integerAccuracy(network, data)).toBe(1);
    const zeros = fit(XOR, { init: 'zero', epochs: 2 });
    expect(zeros.warnings).toEqual([
      expect.stringContaining('layer 1: all'),
      expect.stringContaining('layer 2: all'),
    ]);
    expect(integerAccuracy(zeros.network, XOR)).toBe(0.5);
  });

  it('rows of a single class, or of none, are refused (fault 45)', () => {
    expect(codeOf(() => fit(gate(1, 1, 1, 1), {}))).toBe('one-class');
    expect(codeOf(() => fit({ ...table([[1, 1]]) }, {}))).toBe('one-class');
    expect(codeOf(() => fit({ ...XOR, labels: null }, {}))).toBe('no-labels');
    const { network } = fit(XOR, { epochs: 1 });
    expect(codeOf(() => evaluateFloat(network, { ...XOR, labels: null }))).toBe('no-labels');
  });

  it('outliers are reported for their feature (fault 46)', () => {
    const rows = Array.from({ length: 100 }, (_, k) => [k === 50 ? 1e5 : k % 10, k % 2, k % 2]);
    const { warnings } = fit(table(rows), { epochs: 3 });
    expect(warnings).toEqual([expect.stringMatching(/^feature "x1": 1\.0 % of the values are outliers/)]);
  });

  it('-0, denormals, huge numbers and two rows give a network that can be written and quantised (fault 50)', () => {
    for (const rows of [
      [
        [-0, 0],
        [5e-324, 1],
      ],
      [
        [-1e300, 0],
        [1e300, 1],
      ],
      [
        [-0, 0],
        [1, 1],
      ],
    ]) {
      const { network } = fit(table(rows, 300), { epochs: 20 });
      expect(() => networkFileText(network)).not.toThrow();
      expect(() => quantize(network)).not.toThrow();
    }
  });

  it('one row can be predicted', () => {
    const { network } = fit(XOR, { epochs: 1 });
    expect(predictFloat(network, Float64Array.of(0, 1)).length).toBe(1);
  });
});

describe('evaluation', () => {
  it('counts a confusion matrix of actual against predicted classes', () => {
    const { network } = fit(gate(0, 0, 0, 1), {});
    const { accuracy, confusion, predictions } = evaluateFloat(network, {
      ...XOR,
      labels: Uint16Array.of(0, 1, 0, 1),
    });
    expect([...predictions]).toEqual([0, 0, 0, 1]);
    expect(confusion).toEqual([[2, 0], [1, 1]]); // prettier-ignore
    expect(accuracy).toBe(0.75);
  });

  it('of many rows is that of each alone', async () => {
    const iris = await loadIris();
    const { network } = fit(iris, { epochs: 3 });
    const many = Float64Array.from({ length: 600 * 4 }, (_, k) => iris.values[k % 600] + k / 1e4);
    const z = predictFloat(network, many);
    for (let r = 0; r < 600; r++) {
      expect([...predictFloat(network, many.subarray(4 * r, 4 * r + 4))]).toEqual([
        ...z.subarray(3 * r, 3 * r + 3),
      ]);
    }
  });
});
