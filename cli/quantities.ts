import { m, type Message } from '../model/messages.js';
import type { OptionSpec } from './option-spec.js';

/** Options that are a number and its unit, such as 8k or 2ms. */

/** What a unit is worth, by its name in lower case; '' where a bare number will do. */
type Units = Readonly<Record<string, number>>;

const BYTES: Units = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
};
/** In microseconds; the micro sign and the Greek letter look alike. */
const TIMES: Units = { us: 1, µs: 1, μs: 1, ms: 1000, s: 1e6 };

const QUANTITY = /^(\d+\.?\d*|\.\d+) ?(\D*)$/;

function parse(text: string, units: Units): number | undefined {
  const [, number, unit] = QUANTITY.exec(text.trim().toLowerCase()) ?? [];
  if (unit === undefined || !Object.hasOwn(units, unit)) return undefined;
  const value = Number(number) * units[unit];
  return value > 0 ? value : undefined;
}

function quantity(
  description: Message,
  placeholder: Message,
  expected: Message,
  units: Units,
): OptionSpec<number> {
  const names = Object.keys(units).filter((name) => name !== '');
  const isBare = Object.hasOwn(units, '');
  return {
    form: 'value',
    description,
    placeholder,
    expected,
    schema: {
      type: isBare ? ['number', 'string'] : 'string',
      exclusiveMinimum: 0,
      pattern: `^[0-9.]+ ?(${names.join('|')})${isBare ? '?' : ''}$`,
    },
    fromText: (given) => given,
    accept: (value) =>
      typeof value === 'string' || (isBare && typeof value === 'number')
        ? parse(String(value), units)
        : undefined,
    isValue: (value) => typeof value === 'number' && value > 0,
  };
}

/** A number of bytes, such as 8k for 8,192. */
export const byteCount = (description: Message): OptionSpec<number> =>
  quantity(description, m`<bytes>`, m`a size such as 8k or 8192`, BYTES);

/** A time in microseconds, such as 2ms for 2,000. */
export const timeSpan = (description: Message): OptionSpec<number> =>
  quantity(description, m`<time>`, m`a time such as 2ms or 500us`, TIMES);
