import { describe, expect, it } from 'vitest';
import { stratifiedSplit } from '../../dataset/split.js';
import { networkFileText } from '../../model/network-text.js';
import { Problem } from '../../model/problem.js';
import { earlyStopping } from '../../trainer/early-stopping.js';
import { fit, loadIris, table, XOR } from './helpers.js';

describe('early stopping', () => {
  const cases: [string, number | null, (number | null)[], { best: number; last: number }][] = [
    ['stops after patience epochs without a better one', 2, [5, 4, 4.5, 4.2, 1], { best: 2, last: 4 }],
    ['starts anew at each better one', 2, [5, 6, 4, 6, 3, 9, 9, 0], { best: 5, last: 7 }],
    ['keeps the first of equal ones', 3, [2, 2, 2, 2, 2], { best: 1, last: 4 }],
    ['takes no number for no progress', 2, [3, NaN, Infinity, 1], { best: 1, last: 3 }],
    ['keeps nothing where nothing is finite', 2, [NaN, NaN, NaN], { best: 0, last: 2 }],
    ['without patience keeps the last', null, [null, null, null], { best: 3, last: 3 }],
  ];
  it.each(cases)('%s', (_, patience, losses, { best, last }) => {
    const stopping = earlyStopping(patience);
    let epoch = 0;
    let kept = 0;
    while (epoch < losses.length && !stopping.isOver(epoch)) {
      epoch++;
      if (stopping.isBest(epoch, losses[epoch - 1])) kept = epoch;
    }
    expect({ best: stopping.bestEpoch(), last: epoch }).toEqual({ best, last });
    expect(kept).toBe(best);
  });
});

/** Labels that no rule explains, so that fitting them soon makes the held-out rows worse. */
const noisy = table(
  Array.from({ length: 80 }, (_, r) => [Math.sin(r * r), Math.cos(3 * r * r), Math.sin(7 * r) > 0.2 ? 1 : 0]),
  6,
);
const options = { epochs: 60, hidden: [16], l2: 0, schedule: 'constant', patience: 5 } as const;

describe('a run with patience', () => {
  it('ends patience epochs after the best, and its network is that of the best epoch', () => {
    for (const fixedPoint of [true, false]) {
      const stopped = fit(noisy, { ...options, fixedPoint });
      const { history, bestEpoch, network } = stopped;
      expect(history.length).toBe(bestEpoch + options.patience);
      expect(history.length).toBeLessThan(options.epochs);
      const losses = history.map(({ validation }) => validation!.loss);
      expect(losses.indexOf(Math.min(...losses))).toBe(bestEpoch - 1);
      // A constant rate does not know how many epochs there will be: a shorter run passes through the same networks.
      const shorter = fit(noisy, { ...options, fixedPoint, epochs: bestEpoch });
      expect(shorter.bestEpoch).toBe(bestEpoch);
      expect(network.layers).toEqual(shorter.network.layers);
      const other = fit(noisy, { ...options, fixedPoint, epochs: bestEpoch - 1 });
      expect(network.layers).not.toEqual(other.network.layers);
      expect(network.training).toMatchObject({
        bestEpoch,
        epochs: history.length,
        loss: history[bestEpoch - 1].loss,
      });
    }
  });

  it('is the same each time, byte for byte, and another with another seed', () => {
    const text = (seed: number) => networkFileText(fit(noisy, { ...options, seed }).network).text;
    expect(text(1)).toBe(text(1));
    expect(text(1)).not.toBe(text(2));
  });

  it('learns from the other rows alone, scaling included', async () => {
    const iris = await loadIris();
    const { network, history } = fit(iris, {
      epochs: 3,
      patience: 3,
      validationSplit: 0.2,
      schedule: 'constant',
    });
    const { train: part } = stratifiedSplit(iris, 0.2, 1);
    const alone = fit(part, { epochs: 3, l2: Math.min(0.1, 0.001 * iris.rows), schedule: 'constant' });
    expect(network.layers).toEqual(alone.network.layers);
    expect(network.input).toEqual(alone.network.input);
    expect(history.map(({ loss }) => loss)).toEqual(alone.history.map(({ loss }) => loss));
    expect(network.training).toMatchObject({ rows: 120, validationRows: 30 });
    expect(history.every(({ validation }) => validation !== null)).toBe(true);
    expect(alone.history.every(({ validation }) => validation === null)).toBe(true);
  });

  it('refuses too few rows to hold some out, and rows without labels as ever', () => {
    const codeOf = (action: () => unknown) => {
      try {
        action();
      } catch (error) {
        if (error instanceof Problem) return error.details.code;
        throw error;
      }
      return 'no problem';
    };
    expect(codeOf(() => fit(XOR, { patience: 3 }))).toBe('too-few-rows');
    expect(codeOf(() => fit({ ...XOR, labels: null }, { patience: 3 }))).toBe('no-labels');
  });
});
