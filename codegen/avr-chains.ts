/** Orders of neurons that are computed one after the other, so that a weight which is in its register need not be loaded again. */

/** A neuron and its sum. */
export interface Neuron {
  /** In its layer, from 0. */
  readonly index: number;
  readonly weights: readonly number[]; // (inputs,)
  readonly bias: number;
  readonly bounds: { readonly lowest: number; readonly highest: number };
  /** Before the sum's upper byte is the activation. */
  readonly doublings: number;
}

/** Sizes of weights with which a neuron's sum begins most cheaply. */
export const beginnings = (neuron: Neuron | undefined): ReadonlySet<number> =>
  new Set(neuron?.weights.filter((weight) => weight > 1));

/** Whether a neuron has a weight of a size that another one can begin with. */
function leadsTo(neuron: Neuron, next: Neuron | undefined): boolean {
  const sizes = beginnings(next);
  return neuron.weights.some((weight) => sizes.has(Math.abs(weight)));
}

/** A hidden layer's neurons, before `next`: whose chain is not joined yet begins where another one ends, if it can. */
function ordered(neurons: readonly Neuron[], next: Neuron): Neuron[] {
  const chains = neurons.map((neuron) => [neuron]);
  for (const end of neurons) {
    for (const start of neurons) {
      const before = chains.find((chain) => chain.at(-1) === end);
      const behind = chains.find((chain) => chain[0] === start);
      if (!before || !behind || before === behind || !leadsTo(end, start)) continue;
      before.push(...behind);
      chains.splice(chains.indexOf(behind), 1);
    }
  }
  const last = chains.find((chain) => leadsTo(chain.at(-1)!, next));
  return [...chains.filter((chain) => chain !== last), ...(last ? [last] : [])].flat();
}

/** Layers of neurons, of which those of the last one keep their order. */
export function inChains(layers: readonly (readonly Neuron[])[]): (readonly Neuron[])[] {
  const chained = [...layers];
  for (let l = layers.length - 2; l >= 0; l--) chained[l] = ordered(layers[l], chained[l + 1][0]);
  return chained;
}
