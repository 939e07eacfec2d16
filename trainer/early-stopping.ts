/** Which epoch's network is kept, and whether to go on. */
export interface EarlyStopping {
  /** 0 is the network before the first epoch. */
  readonly bestEpoch: () => number;
  /** Hears of an epoch and of its cost on the validation part, null without one; says whether to keep its network. */
  readonly isBest: (epoch: number, loss: number | null) => boolean;
  /** `patience` epochs have passed since the best. */
  readonly isOver: (epoch: number) => boolean;
}

/**
 * Prechelt, "Early stopping – but when?", 1998: the network of the lowest validation cost is kept, the first of equal
 * ones. `patience` null: the last network is, and training never ends early.
 */
export function earlyStopping(patience: number | null): EarlyStopping {
  let bestEpoch = 0;
  let lowest = Infinity;
  return {
    bestEpoch: () => bestEpoch,
    isBest: (epoch, loss) => {
      if (loss !== null && !(loss < lowest)) return false;
      lowest = loss ?? lowest;
      bestEpoch = epoch;
      return true;
    },
    isOver: (epoch) => patience !== null && epoch - bestEpoch >= patience,
  };
}
