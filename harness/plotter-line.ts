/** Lines as sketches print them for Arduino's serial plotter: numbers between commas, tabs or blanks, perhaps with names. */

export interface Reading {
  /** In the order of the values; null where the line names none. */
  readonly names: readonly string[] | null;
  /** As they were printed: the digits say what the sensor resolves. */
  readonly values: readonly string[];
  /** What a capture sketch of ours counts, so that a lost line shows; null where the line has no such field. */
  readonly count: number | null;
}

/** As data files may have them. */
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
/** Fields of our capture sketches that are no data. */
const COUNT = 'line';
const CHECK = 'check';

const split = (text: string): string[] =>
  text.includes(',') ? text.split(',').map((cell) => cell.trim()) : text.trim().split(/\s+/);

/** The sum of the characters before `check:`, modulo 256, by which a damaged digit shows. */
function isIntact(text: string): boolean {
  const at = text.lastIndexOf(`${CHECK}:`);
  if (at < 0) return true;
  const sum = [...text.slice(0, at)].reduce((total, letter) => total + letter.charCodeAt(0), 0) % 256;
  return text.slice(at + CHECK.length + 1).trim() === String(sum);
}

/** Null where the line is no reading: text, half a line, a number that is none. */
export function parseReading(text: string): Reading | null {
  if (text.trim() === '' || !isIntact(text)) return null;
  const fields = split(text).map((cell) => {
    const colon = cell.lastIndexOf(':');
    return { name: colon < 0 ? null : cell.slice(0, colon), value: cell.slice(colon + 1) };
  });
  if (!fields.every(({ name, value }) => NUMBER.test(value) && name !== '')) return null;
  const data = fields.filter(({ name }) => name !== COUNT && name !== CHECK);
  const named = data.filter(({ name }) => name !== null).length;
  if (data.length === 0 || (named > 0 && named < data.length)) return null;
  const count = fields.find(({ name }) => name === COUNT);
  return {
    names: named > 0 ? data.map(({ name }) => name as string) : null,
    values: data.map(({ value }) => value),
    count: count ? Number(count.value) : null,
  };
}

/** Names of columns, such as a sketch prints once at its start; null where the line is something else. */
export function parseHeader(text: string): readonly string[] | null {
  const cells = split(text);
  const areNames = cells.every((cell) => /^[\p{L}_][\p{L}\p{N}_.()/°%-]*$/u.test(cell));
  return areNames && cells.length > 1 && new Set(cells).size === cells.length ? cells : null;
}
