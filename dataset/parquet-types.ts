import type { SchemaElement, SchemaTree } from 'hyparquet';

/** What a column of a Parquet file can be used for. */
export type ParquetUse = 'feature' | 'label';

/** Logical types (or, in old files, converted types) of physical types that mean plain numbers or text. */
const PLAIN_TYPES: Readonly<Record<string, readonly ParquetUse[]>> = {
  BOOLEAN: ['label'],
  INT32: ['feature', 'label'],
  INT64: ['feature', 'label'],
  FLOAT: ['feature'],
  DOUBLE: ['feature'],
  FLOAT16: ['feature'],
  INTEGER: ['feature', 'label'],
  INT_8: ['feature', 'label'],
  INT_16: ['feature', 'label'],
  INT_32: ['feature', 'label'],
  INT_64: ['feature', 'label'],
  UINT_8: ['feature', 'label'],
  UINT_16: ['feature', 'label'],
  UINT_32: ['feature', 'label'],
  UINT_64: ['feature', 'label'],
  STRING: ['label'],
  UTF8: ['label'],
  ENUM: ['label'],
};

/** The most telling name of a column's type: `TIMESTAMP` rather than `INT64`. */
export function typeName({ element, children }: SchemaTree): string {
  const {
    logical_type: logical,
    converted_type: converted,
    type,
    repetition_type: repetition,
  }: SchemaElement = element;
  if (children.length > 0) return logical?.type ?? converted ?? 'STRUCT';
  if (repetition === 'REPEATED') return 'LIST';
  return logical?.type ?? converted ?? type ?? 'unknown';
}

export const isUsable = (column: SchemaTree, use: ParquetUse): boolean =>
  PLAIN_TYPES[typeName(column)]?.includes(use) ?? false;
