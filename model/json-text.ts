/** The one way this project prints JSON files: two-space indent, arrays of plain values wrapped, `\n` line ends. */

const WIDTH = 100;

function wrapPlainArray(values: readonly unknown[], indent: string): string {
  const words = values.map((value) => JSON.stringify(value));
  const inline = `[${words.join(', ')}]`;
  if (indent.length + inline.length <= WIDTH) return inline;
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const next = line === '' ? word : `${line}, ${word}`;
    if (line !== '' && indent.length + next.length > WIDTH) {
      lines.push(`${line},`);
      line = word;
    } else line = next;
  }
  return `[\n${[...lines, line].map((text) => `${indent}  ${text}`).join('\n')}\n${indent}]`;
}

function print(value: unknown, indent: string): string {
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`JSON has no ${value}`);
    return JSON.stringify(value);
  }
  if (ArrayBuffer.isView(value))
    return wrapPlainArray(Array.from(value as unknown as ArrayLike<number>), indent);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((entry) => entry === null || typeof entry !== 'object'))
      return wrapPlainArray(value, indent);
    return `[\n${value.map((entry) => inner + print(entry, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  if (entries.length === 0) return '{}';
  return `{\n${entries.map(([key, entry]) => `${inner}${JSON.stringify(key)}: ${print(entry, inner)}`).join(',\n')}\n${indent}}`;
}

/** Key order is kept, so equal values give equal bytes. Throws on NaN and infinities. */
export function jsonText(value: unknown): string {
  return `${print(value, '')}\n`;
}
