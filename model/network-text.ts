import { artifactText } from './artifact.js';
import type { Network } from './network.js';

/**
 * The bytes of `network.json`, and its hash. Equal networks give equal bytes. Reading is `network-file.ts`, apart from
 * this because a training starts sooner without the schemas.
 */
export function networkFileText(network: Network): { text: string; hash: string } {
  const { name, features, classes, targets, input, precision, training } = network;
  const layers = network.layers.map(
    ({ inputs, outputs, activation, range, accumulator, activationShift, weights, bias }) => ({
      inputs,
      outputs,
      activation,
      range,
      ...(accumulator && { accumulator }),
      ...(activationShift && { activationShift }),
      weights,
      bias,
    }),
  );
  const body = { name, features, classes, targets: targets ?? undefined, precision, training, input, layers };
  return artifactText('network', body, targets ? 2 : 1);
}
