import { LIMITS } from '../model/quantized-model.js';
import { parseNumber } from './number-cell.js';

/** Numbers the labels in the order they appear, and sorts the classes when all are known. */
export interface ClassTable {
  /** The provisional index of a label; -1 where it is not among the reference's classes or one too many. */
  indexOf(label: string): number;
  /** Class names in their final order, and the final index of each provisional one. */
  sorted(): { classes: readonly string[]; rank: Uint16Array };
}

/** Numeric order where every label is a finite number, else the order of UTF-16 code units: no locale plays in. */
function compareLabels(labels: readonly string[]): (a: string, b: string) => number {
  const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  if (labels.some((label) => Number.isNaN(parseNumber(label)))) return byCodeUnit;
  return (a, b) => parseNumber(a) - parseNumber(b) || byCodeUnit(a, b);
}

/** With `reference` the classes and their order are given, and no other label has an index. */
export function createClassTable(reference?: readonly string[]): ClassTable {
  const indices = new Map(reference?.map((name, i) => [name, i]));
  return {
    indexOf(label) {
      const known = indices.get(label);
      if (known !== undefined) return known;
      if (reference || indices.size === LIMITS.classes) return -1;
      indices.set(label, indices.size);
      return indices.size - 1;
    },
    sorted() {
      const found = [...indices.keys()];
      const classes = reference ?? found.toSorted(compareLabels(found));
      const position = new Map(classes.map((name, i) => [name, i]));
      return { classes, rank: Uint16Array.from(found, (name) => position.get(name)!) };
    },
  };
}
