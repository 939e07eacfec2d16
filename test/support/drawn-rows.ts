import { RAW_TYPES } from '../../model/network.js';
import type { QuantizedModel } from '../../model/quantized-model.js';

/**
 * Rows that a program on a simulated board draws by itself, and a word for each that tells its whole answer: what a serial
 * line of 1,000 rows would take longest for. The same in C and here.
 */

/** In every program; `draw` is the generator "xorshift32" of Marsaglia. */
export const DRAWING = `
static uint32_t drawn;
static uint32_t draw(void)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 17;
    drawn ^= drawn << 5;
    return drawn;
}
static int32_t draw_feature(int32_t lowest, int32_t highest, int32_t low, uint32_t span)
{
    const uint32_t kind = draw();
    if (kind % 8u == 0u) return lowest;
    if (kind % 8u == 1u) return highest;
    return (int32_t)((uint32_t)low + (kind % 8u == 2u ? span : (kind / 8u) % (span + 1u)));
}
static uint32_t digest_of(const int32_t *words, uint16_t count)
{
    uint32_t digest = 2166136261ul;
    while (count-- > 0u) {
        digest = (digest ^ (uint32_t)*words++) * 16777619ul;
    }
    return digest;
}
`;

/** The generator's state before the first row of a model. */
export const FIRST_DRAWN = 2463534242;

/** Where the values of a feature begin, and how far they reach, within the raw type. */
function featureRange({ input }: QuantizedModel, feature: number): { low: number; span: number } {
  const { lowest, highest } = RAW_TYPES[input.rawType];
  const i = input.low.length === 1 ? 0 : feature;
  const within = (value: number): number => Math.min(Math.max(value, lowest), highest);
  const low = within(input.low[i]);
  return { low, span: within(input.low[i] + input.span[i]) - low };
}

const literal = (value: number): string => (value < 0 ? `(${value + 1}l - 1)` : `${value}l`);

/** C of a function that draws one row into an array; `flash` marks constants, `read` reads one of 32 bits. */
export function drawingFunction(name: string, model: QuantizedModel, flash: string, read: string): string {
  const { lowest, highest } = RAW_TYPES[model.input.rawType];
  const ranges = model.input.features.map((_, i) => featureRange(model, i));
  const table = ranges.map(({ low, span }) => `{ ${literal(low)}, ${span}l }`).join(', ');
  return `
static const int32_t ${name}_drawn[][2] ${flash} = { ${table} };
static void ${name}_draw(${name}_raw_t *raw)
{
    uint16_t i;
    for (i = 0; i < ${ranges.length}u; i++) {
        const int32_t low = (int32_t)${read}(&${name}_drawn[i][0]);
        const uint32_t span = (uint32_t)${read}(&${name}_drawn[i][1]);
        raw[i] = (${name}_raw_t)draw_feature(${literal(lowest)}, ${literal(highest)}, low, span);
    }
}
`;
}

/** The rows (rows × features) that the program draws. */
export function drawnRows(model: QuantizedModel, rows: number): Int32Array {
  let drawn = FIRST_DRAWN;
  const draw = (): number => {
    drawn ^= drawn << 13;
    drawn ^= drawn >>> 17;
    drawn ^= drawn << 5;
    return (drawn >>>= 0);
  };
  const { lowest, highest } = RAW_TYPES[model.input.rawType];
  const ranges = model.input.features.map((_, i) => featureRange(model, i));
  return Int32Array.from({ length: rows * ranges.length }, (_, k) => {
    const { low, span } = ranges[k % ranges.length];
    const kind = draw();
    if (kind % 8 < 2) return kind % 8 === 0 ? lowest : highest;
    return low + (kind % 8 === 2 ? span : Math.floor(kind / 8) % (span + 1));
  });
}

/** What `digest_of` makes of each answer (rows × width). */
export function digests(answers: Int32Array, width: number): Int32Array {
  return Int32Array.from({ length: answers.length / width }, (_, row) =>
    answers
      .subarray(row * width, (row + 1) * width)
      .reduce((digest, word) => Math.imul(digest ^ word, 16777619), 2166136261 | 0),
  );
}
