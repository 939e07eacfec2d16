import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { LOSSES } from './loss.js';
import { OPTIMIZERS } from './optimizers.js';
import type { TrainOptions } from './options.js';

/** How many classes the data have, or targets; the other is 0. */
interface Outcome {
  readonly classes: number;
  readonly targets: number;
}

/** Settings that cannot both hold: when, what to say, naming both, and the way out. */
interface Contradiction {
  readonly holds: (options: TrainOptions, outcome: Outcome) => boolean;
  readonly message: (options: TrainOptions, outcome: Outcome) => string;
  readonly hint: (options: TrainOptions, outcome: Outcome) => string;
}

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    holds: ({ output }, { targets }) => targets > 0 && output !== 'identity',
    message: ({ output }) =>
      t`output ${output} does not go with task regression: a target is any number, which output identity gives`,
    hint: () => t`leave output out`,
  },
  {
    holds: ({ loss }, { targets }) => targets > 0 && loss !== 'mse',
    message: ({ loss }) => t`loss ${loss} does not go with task regression, which minimises mse`,
    hint: () => t`leave loss out`,
  },
  {
    holds: ({ outputs }, { targets }) => targets > 0 && outputs !== targets,
    message: ({ outputs }, { targets }) => t`outputs ${outputs} does not go with ${targets} targets`,
    hint: () => t`leave outputs out: it is one per target`,
  },
  {
    holds: ({ labelSmoothing }, { targets }) => targets > 0 && labelSmoothing !== 0,
    message: ({ labelSmoothing }) =>
      t`labelSmoothing ${labelSmoothing} does not go with task regression, which has no classes to doubt`,
    hint: () => t`leave labelSmoothing out`,
  },
  {
    holds: ({ classWeights }, { targets }) => targets > 0 && classWeights !== 'none',
    message: ({ classWeights }) =>
      t`classWeights ${classWeights} does not go with task regression, which has no classes`,
    hint: () => t`leave classWeights out`,
  },
  {
    holds: ({ loss, output }) => !LOSSES[loss].outputs.includes(output),
    message: ({ loss, output }) =>
      t`loss ${loss} does not go with output ${output}; it goes with ${LOSSES[loss].outputs.join(', ')}`,
    hint: () => t`choose another loss or another output activation`,
  },
  {
    holds: ({ output, outputs }) => output === 'softmax' && outputs === 1,
    message: () => t`output softmax does not go with outputs 1: a lone softmax neuron always says 1`,
    hint: () => t`use output sigmoid, or outputs 2`,
  },
  {
    holds: ({ outputs }, { classes, targets }) =>
      targets === 0 && outputs !== classes && !(outputs === 1 && classes === 2),
    message: ({ outputs }, { classes }) => t`outputs ${outputs} does not go with ${classes} classes`,
    hint: (_, { classes }) =>
      classes === 2
        ? t`two classes need 1 or 2 outputs`
        : t`leave outputs out: it is one per class, ${classes}`,
  },
  {
    holds: ({ optimizer, momentum }) => OPTIMIZERS[optimizer].momentum === null && momentum !== 0,
    message: ({ optimizer, momentum }) =>
      t`momentum ${momentum} does not go with optimizer ${optimizer}, which takes none`,
    hint: () => t`leave momentum out, or use optimizer sgd`,
  },
  {
    holds: ({ optimizer, momentum }) => optimizer === 'nesterov' && momentum === 0,
    message: () =>
      t`momentum 0 does not go with optimizer nesterov: there is no velocity to look ahead along`,
    hint: () => t`use optimizer sgd, or leave momentum out`,
  },
  {
    holds: ({ optimizer, weightDecay }) => OPTIMIZERS[optimizer].weightDecay === null && weightDecay !== 0,
    message: ({ optimizer, weightDecay }) =>
      t`weightDecay ${weightDecay} does not go with optimizer ${optimizer}, which takes none`,
    hint: () => t`use optimizer adamw, or l2, which goes with every optimizer`,
  },
  {
    holds: ({ optimizer, hidden }) => optimizer === 'muon' && hidden.length === 0,
    message: () => t`optimizer muon does not go with hidden 0: it is for the matrices of hidden layers`,
    hint: () => t`use optimizer adam, or a hidden layer`,
  },
  {
    holds: ({ dropout, hidden }) => dropout !== 0 && hidden.length === 0,
    message: ({ dropout }) => t`dropout ${dropout} does not go with hidden 0: it drops hidden neurons`,
    hint: () => t`leave dropout out, or use a hidden layer`,
  },
  {
    holds: ({ labelSmoothing, output }) => labelSmoothing !== 0 && output === 'step',
    message: ({ labelSmoothing }) =>
      t`labelSmoothing ${labelSmoothing} does not go with output step, which is 0 or 1 and nothing between`,
    hint: () => t`leave labelSmoothing out, or use output sigmoid`,
  },
  {
    holds: ({ warmUp, epochs }) => warmUp >= epochs,
    message: ({ warmUp, epochs }) =>
      t`warmUp ${warmUp} does not go with epochs ${epochs}: none is left for the schedule`,
    hint: () => t`use more epochs, or fewer to warm up`,
  },
  {
    holds: ({ patience, validationSplit }) => patience === null && validationSplit !== 0,
    message: ({ validationSplit }) =>
      t`validationSplit ${validationSplit} does not go without patience: only early stopping looks at those rows`,
    hint: () => t`give patience too, in epochs, or leave validationSplit out`,
  },
  {
    holds: ({ patience, validationSplit }) => patience !== null && validationSplit === 0,
    message: ({ patience }) =>
      t`patience ${patience} does not go with validationSplit 0: early stopping needs rows to judge by`,
    hint: () => t`leave validationSplit out: it is 0.1`,
  },
];

/** Throws a usage `Problem` (`contradiction`) for the first two settings that cannot both hold. */
export function checkContradictions(options: TrainOptions, outcome: Outcome): void {
  const found = CONTRADICTIONS.find(({ holds }) => holds(options, outcome));
  if (!found) return;
  throw new Problem({
    kind: 'usage',
    code: 'contradiction',
    message: found.message(options, outcome),
    hint: found.hint(options, outcome),
  });
}
