/**
 * Where a step in AVR assembly finds its inputs and leaves its results. The forward function hands over the two ends of the
 * network; between steps lie buffers whose addresses the assembly loads by itself, so that what it takes depends on no
 * compiler.
 */
export interface AvrEnds {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Parameters of the step's function in C, and what the forward function passes. */
  readonly parameters: string;
  readonly passed: string;
  /** The arrays in C. */
  readonly from: string;
  readonly to: string;
  /** The assembly's operands for those that are buffers. */
  readonly operands: readonly string[];
}

/** Loads the address that an operand stands for into a pair of registers. */
export const loadAddress = (operand: string, low: number): string[] => [
  `ldi r${low}, lo8(%[${operand}])`,
  `ldi r${low + 1}, hi8(%[${operand}])`,
];

/** Layers write two buffers by turns. */
const bufferOf = (prefix: string, layer: number): string => `${prefix}_${layer % 2 === 1 ? 'odd' : 'even'}`;

/** Of a step whose first and last layer have these numbers, from 1. */
export function avrEnds(prefix: string, first: number, last: number, isLast: boolean): AvrEnds {
  const isFirst = first === 1;
  const from = isFirst ? 'x' : bufferOf(prefix, first - 1);
  const to = isLast ? 'y' : bufferOf(prefix, last);
  const parameters = [...(isFirst ? ['const uint8_t *x'] : []), ...(isLast ? ['int32_t *y'] : [])];
  return {
    isFirst,
    isLast,
    parameters: parameters.join(', ') || 'void',
    passed: [...(isFirst ? ['inputs'] : []), ...(isLast ? ['outputs'] : [])].join(', '),
    from,
    to,
    operands: [...(isFirst ? [] : [`[from] "i"(${from})`]), ...(isLast ? [] : [`[to] "i"(${to})`])],
  };
}
