import { int, rows } from './c-text.js';

/** A constant array of the generated C. */
export interface ConstantArray {
  readonly name: string;
  readonly type: string;
  readonly length: string;
  readonly rows: string;
  readonly comment: string;
  readonly bytes: number;
}

const BYTES: Readonly<Record<string, number>> = {
  int8_t: 1,
  uint8_t: 1,
  uint16_t: 2,
  int16_t: 2,
  int32_t: 4,
  uint32_t: 4,
};

export function constantArray(
  name: string,
  type: string,
  values: ArrayLike<number>,
  comment: string,
  literal: (value: number) => string = int,
): ConstantArray {
  return {
    name,
    type,
    length: int(values.length),
    rows: rows(values, literal),
    comment,
    bytes: values.length * BYTES[type],
  };
}
