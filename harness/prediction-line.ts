/** Lines as a flashed sketch prints its predictions: a class, or numbers, and perhaps the outputs behind them. */

export interface PredictionLine {
  /** Null in a regression. */
  readonly class: string | null;
  /** Raw outputs, by class; or the predicted numbers. */
  readonly scores: readonly number[];
  /** Of the scores, where the line gives them. */
  readonly names: readonly string[] | null;
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * "walking", "walking\t120\t-7" and "walking resting:-7 walking:120" name a class; "21.5" and "heat:21.5" are numbers.
 * Null where the line is empty or no text at all.
 */
export function parsePrediction(text: string): PredictionLine | null {
  const line = text.trim();
  if (line === '' || /[^\t\u0020-\u007e\u00a0-\u00ff]/.test(line)) return null;
  const cells = line.includes('\t')
    ? line.split('\t')
    : line.includes(',')
      ? line.split(',')
      : line.split(/ +(?=\S+:[-+.\d])/);
  const fields = cells.map((cell) => {
    const colon = cell.lastIndexOf(':');
    const value = cell.slice(colon + 1).trim();
    return NUMBER.test(value)
      ? { name: colon > 0 ? cell.slice(0, colon).trim() : null, value: Number(value) }
      : null;
  });
  const [first, ...rest] = fields;
  const scores = (first ? fields : rest).filter((field) => field !== null);
  if (scores.length < (first ? fields : rest).length) return { class: line, scores: [], names: null };
  const names = scores.map(({ name }) => name).filter((name) => name !== null);
  return {
    class: first ? null : cells[0].trim(),
    scores: scores.map(({ value }) => value),
    names: names.length === scores.length && names.length > 0 ? names : null,
  };
}
