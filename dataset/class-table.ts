import { LIMITS } from '../model/quantized-model.js';
import { parseEitherNumber } from './number-cell.js';

/** Numbers the labels in the order they appear, and sorts the classes when all are known. */
export interface ClassTable {
  /**
   * The provisional index of a label; -1 where it is not among the reference's classes, one too many, or a number that
   * an earlier label spells otherwise. Of a reference's classes the spelling does not matter: `1.0` is class `1`.
   */
  indexOf(label: string): number;
  /** The class that is the same number as this label. */
  sameNumber(label: string): string | undefined;
  /** Class names in their final order, and the final index of each provisional one. */
  sorted(): { classes: readonly string[]; rank: Uint16Array };
}

/** Numeric order where every label is a finite number, else the order of UTF-16 code units: no locale plays in. */
function compareLabels(labels: readonly string[]): (a: string, b: string) => number {
  if (labels.some((label) => Number.isNaN(parseEitherNumber(label))))
    return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return (a, b) => parseEitherNumber(a) - parseEitherNumber(b);
}

/** With `reference` the classes and their order are given, and no other label has an index. */
export function createClassTable(reference?: readonly string[]): ClassTable {
  const indices = new Map(reference?.map((name, i) => [name, i]));
  const numbers = new Map<number, string>(reference?.map((name) => [parseEitherNumber(name), name]));
  numbers.delete(NaN);
  return {
    indexOf(label) {
      const known = indices.get(label);
      if (known !== undefined) return known;
      const number = parseEitherNumber(label);
      const equal = numbers.get(number);
      if (reference) return equal === undefined ? -1 : indices.get(equal)!;
      if (equal !== undefined || indices.size === LIMITS.classes) return -1;
      indices.set(label, indices.size);
      if (!Number.isNaN(number)) numbers.set(number, label);
      return indices.size - 1;
    },
    sameNumber: (label) => numbers.get(parseEitherNumber(label)),
    sorted() {
      const found = [...indices.keys()];
      const classes = reference ?? found.toSorted(compareLabels(found));
      const position = new Map(classes.map((name, i) => [name, i]));
      return { classes, rank: Uint16Array.from(found, (name) => position.get(name)!) };
    },
  };
}
