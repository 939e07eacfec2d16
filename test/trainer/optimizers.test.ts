import { describe, expect, it } from 'vitest';
import { createRandom } from '../../model/random.js';
import { createState } from '../../trainer/carried-state.js';
import { orthogonalize } from '../../trainer/muon.js';
import type { OptimizerName, OptimizerSettings } from '../../trainer/optimizers.js';
import { OPTIMIZERS } from '../../trainer/optimizers.js';
import type { LayerShape } from '../../trainer/parameters.js';
import { allocateParameters } from '../../trainer/parameters.js';

const SHAPES: readonly LayerShape[] = [
  { inputs: 2, outputs: 2, activation: 'relu' },
  { inputs: 2, outputs: 1, activation: 'sigmoid' },
];
/** Per step: (2, 2) weights and 2 biases of the hidden layer, 2 weights and a bias of the output. */
const GRADIENTS = [
  [3, -0.001, 0, 2, 0.5, -1, 0.25, 4, -2],
  [-1, 0.02, 5, 2, 0.5, 3, 0, -4, 1],
  [2, 0.3, -0.1, 0, -7, 1, 0.5, 0.5, 0.5],
];
const START = [1, -2, 0.5, 0, 0.1, -0.1, 2, -1, 0.3];
const IS_WEIGHT = [true, true, true, true, false, false, true, true, false];
const RATE = 0.25;

function run(name: OptimizerName, settings: OptimizerSettings, gradients = GRADIENTS): number[] {
  const parameters = allocateParameters(SHAPES);
  const gradient = allocateParameters(SHAPES);
  parameters.vector.set(START);
  const update = OPTIMIZERS[name].start(SHAPES, settings, createState().keep);
  for (const values of gradients) {
    gradient.vector.set(values);
    update(parameters, gradient, RATE);
  }
  return [...parameters.vector];
}

/** Σ_s factor^(t−s) · g_s over the steps s up to t: what a running sum holds, written out. */
const decayed = (history: readonly number[], t: number, factor: number): number =>
  history.slice(0, t + 1).reduce((sum, g, s) => sum + factor ** (t - s) * g, 0);

/** The step of t = 0, 1, … as a share of the rate, from all gradients so far. */
type Step = (g: readonly number[], t: number) => number;
const MOMENTUM = 0.7;
const adamStep: Step = (g, t) => {
  const mean = (0.1 * decayed(g, t, 0.9)) / (1 - 0.9 ** (t + 1));
  const squares = g.map((value) => value ** 2);
  const variance = (0.001 * decayed(squares, t, 0.999)) / (1 - 0.999 ** (t + 1));
  return mean / (variance ** 0.5 + 1e-8);
};
const STEPS: Readonly<Record<Exclude<OptimizerName, 'muon' | 'adamw'>, Step>> = {
  sgd: (g, t) => decayed(g, t, MOMENTUM),
  nesterov: (g, t) => g[t] + MOMENTUM * decayed(g, t, MOMENTUM),
  rmsprop: (g, t) => {
    const squares = g.map((value) => value ** 2);
    return g[t] / ((0.1 * decayed(squares, t, 0.9)) ** 0.5 + 1e-8);
  },
  adam: adamStep,
};

describe('optimisers, each step written out as a sum over all gradients so far', () => {
  it.each(Object.entries(STEPS))('%s', (name, step) => {
    const expected = START.map((w, k) => {
      const g = GRADIENTS.map((values) => values[k]);
      return w - RATE * g.reduce((sum, _, t) => sum + step(g, t), 0);
    });
    const actual = run(name as OptimizerName, { momentum: MOMENTUM, weightDecay: 0 });
    actual.forEach((value, k) => expect(value, `parameter ${k}`).toBeCloseTo(expected[k], 12));
  });

  it('sgd without momentum is ΔW = −rate · ∂J/∂W, to the last bit', () => {
    const actual = run('sgd', { momentum: 0, weightDecay: 0 }, [GRADIENTS[0]]);
    expect(actual).toEqual(START.map((w, k) => w - 0.25 * GRADIENTS[0][k]));
  });

  it('adamw takes rate · decay off every weight before each step of Adam, and off no bias', () => {
    const kept = 1 - RATE * 0.04;
    const expected = START.map((start, k) => {
      const g = GRADIENTS.map((values) => values[k]);
      return g.reduce((w, _, t) => (IS_WEIGHT[k] ? kept * w : w) - RATE * adamStep(g, t), start);
    });
    const actual = run('adamw', { momentum: 0, weightDecay: 0.04 });
    actual.forEach((value, k) => expect(value, `parameter ${k}`).toBeCloseTo(expected[k], 12));
  });
});

/** Five times s := 3.4445·s − 4.775·s³ + 2.0315·s⁵: what Newton-Schulz does to a singular value. */
function polynomial(s: number): number {
  for (let k = 0; k < 5; k++) s = 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5;
  return s;
}

const rotation = (angle: number) => [Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle)];

/** U · diag(s1, s2) · V, all (2, 2) */
const compose = ([a, b, c, d]: number[], s1: number, s2: number, [e, f, g, h]: number[]) => [
  a * s1 * e + b * s2 * g,
  a * s1 * f + b * s2 * h,
  c * s1 * e + d * s2 * g,
  c * s1 * f + d * s2 * h,
];

describe('muon', () => {
  const [U, V] = [rotation(0.4), rotation(-1.1)];
  const hidden = compose(U, 3, 0.5, V);
  const norm = Math.hypot(3, 0.5);
  const orthogonal = compose(U, polynomial(3 / norm), polynomial(0.5 / norm), V);

  it('orthogonalises: the polynomial acts on the singular values alone', () => {
    const actual = orthogonalize(Float64Array.from(hidden), 2, 2);
    actual.forEach((value, k) => expect(value).toBeCloseTo(orthogonal[k], 6));
  });

  it.each([
    [1, 7],
    [7, 1],
    [4, 4],
    [3, 40],
    [40, 3],
    [8, 12],
  ])('(%d, %d): the rows or columns, whichever are fewer, become nearly orthonormal', (rows, columns) => {
    const random = createRandom(rows * 100 + columns);
    const g = Float64Array.from({ length: rows * columns }, () => random.normal());
    const before = g.slice();
    const o = orthogonalize(g, rows, columns);
    expect(g).toEqual(before);
    const few = Math.min(rows, columns);
    const many = Math.max(rows, columns);
    const entry = (i: number, j: number) => (rows <= columns ? o[i * columns + j] : o[j * columns + i]);
    // All eigenvalues of OOᵀ lie in 0.7²..1.2² if |OOᵀ x| does for every x of length 1; random x find any other.
    for (let trial = 0; trial < 50; trial++) {
      const x = Array.from({ length: few }, () => random.normal());
      const length = Math.hypot(...x);
      const projected = Array.from(
        { length: many },
        (_, j) => x.reduce((sum, xi, i) => sum + xi * entry(i, j), 0) / length,
      );
      expect(Math.hypot(...projected)).toBeGreaterThan(0.67);
      expect(Math.hypot(...projected)).toBeLessThan(1.21);
    }
  });

  it('leaves zeros alone', () => {
    expect([...orthogonalize(new Float64Array(6), 2, 3)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('moves hidden matrices along it, by 0.2·√max(inputs, outputs) of the rate; the rest follows Adam', () => {
    const others = [0.5, -1, 0.25, 4, -2];
    // The same gradient each time: its momentum keeps the direction, and the direction is all that counts.
    const gradients = [1, 2, 3].map(() => [...hidden, ...others]);
    const actual = run('muon', { momentum: 0.95, weightDecay: 0 }, gradients);
    const expected = START.map((w, k) => {
      if (k < 4) return w - 3 * RATE * 0.2 * Math.SQRT2 * orthogonal[k];
      const g = gradients.map((values) => values[k]);
      return w - RATE * g.reduce((sum, _, t) => sum + adamStep(g, t), 0);
    });
    actual.forEach((value, k) => expect(value, `parameter ${k}`).toBeCloseTo(expected[k], 6));
  });

  it('looks ahead along its momentum: g + μ·v with v = μ·v + g', () => {
    const [first, second] = [compose(U, 1, 0.2, V), compose(U, -3, 1, V)];
    const others = [0, 0, 0, 0, 0];
    const actual = run('muon', { momentum: 0.5, weightDecay: 0 }, [
      [...first, ...others],
      [...second, ...others],
    ]);
    const step = (s1: number, s2: number) => {
      const length = Math.hypot(s1, s2);
      return compose(U, polynomial(s1 / length), polynomial(s2 / length), V);
    };
    const one = step(1, 0.2); // v = (1, 0.2), and g + v/2 has its direction
    const two = step(-3 + 0.5 * (0.5 - 3), 1 + 0.5 * (0.1 + 1));
    for (let k = 0; k < 4; k++) {
      expect(actual[k]).toBeCloseTo(START[k] - RATE * 0.2 * Math.SQRT2 * (one[k] + two[k]), 5);
    }
  });
});
