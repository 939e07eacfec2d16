import type { Random } from '../model/random.js';

/** One initial weight of a layer with `fanIn` inputs and `fanOut` outputs. Biases always start at 0. */
export type Initializer = (random: Random, fanIn: number, fanOut: number) => number;

const uniform = (random: Random, limit: number): number => limit * (2 * random.uniform() - 1);

/** lecture: "¿Cómo se inicializan los pesos? ¿Afecta en algo esa inicialización?" */
export const INITIALIZERS = {
  /** All neurons of a layer stay equal for ever: the symmetry is never broken. */
  zero: () => 0,
  /** As symmetric as zeros, but signals pass: every hidden layer is a single neuron, many times over. */
  constant: () => 0.1,
  /** The same ±0.5 whatever the layer's size, so wide layers saturate. */
  uniform: (random) => uniform(random, 0.5),
  /** Glorot and Bengio, AISTATS 2010: keeps the variance forwards and backwards; for sigmoid and tanh. */
  glorot: (random, fanIn, fanOut) => uniform(random, Math.sqrt(6 / (fanIn + fanOut))),
  /** He et al., ICCV 2015: twice the variance, because ReLU drops half of it. */
  he: (random, fanIn) => random.normal() * Math.sqrt(2 / fanIn),
  /** LeCun et al., "Efficient BackProp", 1998. */
  lecun: (random, fanIn) => random.normal() * Math.sqrt(1 / fanIn),
} as const satisfies Record<string, Initializer>;

export type InitializerName = keyof typeof INITIALIZERS;
