/** Moves the parameters against the gradient, in place; both (size,). Keeps its own state between calls. */
export type UpdateWeights = (parameters: Float64Array, gradient: Float64Array, learningRate: number) => void;

/** Makes the update rule of a training run over `size` parameters. */
export type Optimizer = (size: number, momentum: number) => UpdateWeights;

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** v := momentum · v + ∂J/∂W, W := W − rate · v; with momentum 0 the lecture's "ΔW ∝ −∂J/∂W". */
function sgd(size: number, momentum: number): UpdateWeights {
  const velocity = new Float64Array(size);
  return (parameters, gradient, learningRate) => {
    for (let k = 0; k < size; k++) {
      velocity[k] = momentum * velocity[k] + gradient[k];
      parameters[k] -= learningRate * velocity[k];
    }
  };
}

/** Kingma and Ba, "Adam", ICLR 2015, algorithm 1. */
function adam(size: number): UpdateWeights {
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  let power1 = 1; // β1^t and β2^t, multiplied up because `**` is not fixed to the last bit
  let power2 = 1;
  return (parameters, gradient, learningRate) => {
    power1 *= BETA1;
    power2 *= BETA2;
    const rate = learningRate / (1 - power1);
    const correction = 1 / (1 - power2);
    for (let k = 0; k < size; k++) {
      const g = gradient[k];
      first[k] = BETA1 * first[k] + (1 - BETA1) * g;
      second[k] = BETA2 * second[k] + (1 - BETA2) * g * g;
      parameters[k] -= (rate * first[k]) / (Math.sqrt(second[k] * correction) + EPSILON);
    }
  };
}

export const OPTIMIZERS = { sgd, adam } as const satisfies Record<string, Optimizer>;

export type OptimizerName = keyof typeof OPTIMIZERS;
