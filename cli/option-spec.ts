import { suggestion } from '../model/suggestion.js';
import { m, t, type Message } from '../model/messages.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * An option as data. The same entry makes the flag, its line in the help and the key in `neurona.config.json`,
 * so that the three cannot drift apart. `T` is what a command receives.
 */
export interface OptionSpec<T> {
  readonly form: 'value' | 'on' | 'off' | 'on-off';
  readonly description: Message;
  /** What follows the flag in the help: `<n>`; null for switches. */
  readonly placeholder: Message | null;
  /** Completes "expected …" in an error. */
  readonly expected: Message;
  readonly short?: string;
  /** What the `--no-` form of an `on-off` switch means. */
  readonly offDescription?: Message;
  /** Paths in the configuration file are relative to that file. */
  readonly isPath?: true;
  /** The words that a wrong value may have meant. */
  readonly words?: readonly string[];
  /** JSON Schema of the value in the configuration file, for editors. */
  readonly schema: JsonSchema;
  /** The text after a flag as the value that JSON would hold; NaN where it is no number. */
  readonly fromText: (text: string) => unknown;
  /** The value if it is allowed, else undefined. */
  readonly accept: (value: unknown) => T | undefined;
  /** Whether it is what commands and functions receive already, where that is not what a file would hold. */
  readonly isValue?: (value: unknown) => boolean;
}

/** camelCase key, as in the configuration file, to option; shown under one heading in the help. */
export type OptionGroup = Readonly<Record<string, OptionSpec<unknown>>>;
export type OptionGroups = Readonly<Record<string, OptionGroup>>;

type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;

/** What a command with these options receives: each key with its type, or undefined where it was not set. */
export type OptionValues<G extends OptionGroups> = {
  readonly [K in keyof Intersection<G[keyof G]>]?: Intersection<G[keyof G]>[K] extends OptionSpec<infer T>
    ? T
    : never;
};

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const numberFromText = (text: string): number => (NUMBER.test(text.trim()) ? Number(text) : NaN);

const isWhole = (value: unknown, { from, to }: Range): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= from && value <= to;

/** Ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export function integer(description: Message, { from, to }: Range): OptionSpec<number> {
  return {
    form: 'value',
    description,
    placeholder: m`<n>`,
    expected: m`a whole number ${from}..${to}`,
    schema: { type: 'integer', minimum: from, maximum: to },
    fromText: numberFromText,
    accept: (value) => (isWhole(value, { from, to }) ? value : undefined),
  };
}

export function real(description: Message, { from, to }: Range): OptionSpec<number> {
  return {
    form: 'value',
    description,
    placeholder: m`<x>`,
    expected: m`a number ${from}..${to}`,
    schema: { type: 'number', minimum: from, maximum: to },
    fromText: numberFromText,
    accept: (value) => (typeof value === 'number' && value >= from && value <= to ? value : undefined),
  };
}

export function choice<const T extends string | number>(
  description: Message,
  placeholder: Message,
  values: readonly T[],
): OptionSpec<T> {
  return {
    form: 'value',
    description,
    placeholder,
    expected: m`one of ${values.join(', ')}`,
    words: values.map(String),
    schema: { enum: values },
    fromText: (text) => values.find((value) => String(value) === text) ?? text,
    accept: (value) => values.find((allowed) => allowed === value),
  };
}

/** A whole number or one word, such as a batch size or `full`. */
export function integerOr<const W extends string>(
  description: Message,
  word: W,
  { from, to }: Range,
): OptionSpec<number | W> {
  return {
    form: 'value',
    description,
    placeholder: m`<n|${word}>`,
    expected: m`a whole number ${from}..${to} or ${word}`,
    schema: { anyOf: [{ const: word }, { type: 'integer', minimum: from, maximum: to }] },
    fromText: (text) => (text === word ? word : numberFromText(text)),
    accept: (value) => (value === word ? word : isWhole(value, { from, to }) ? value : undefined),
  };
}

/** Sizes such as `16,8`; a single one needs no list, and an empty text or 0 stands for none. */
export function sizes(description: Message, { from, to }: Range): OptionSpec<readonly number[]> {
  return {
    form: 'value',
    description,
    placeholder: m`<sizes>`,
    expected: m`sizes ${from}..${to} such as 16,8, or 0 for none`,
    schema: {
      anyOf: [
        { const: 0 },
        { type: 'integer', minimum: from, maximum: to },
        { type: 'array', items: { type: 'integer', minimum: from, maximum: to } },
      ],
    },
    fromText: (text) => (text === '' || text === '0' ? [] : text.split(',').map(numberFromText)),
    accept: (value) => {
      const list: unknown = value === 0 ? [] : typeof value === 'number' ? [value] : value;
      return Array.isArray(list) && list.every((size) => isWhole(size, { from, to }))
        ? (list as number[])
        : undefined;
    },
  };
}

/** Width and height such as `16x16`. */
export function imageSize(description: Message, most: number): OptionSpec<{ width: number; height: number }> {
  return {
    form: 'value',
    description,
    placeholder: m`<w>x<h>`,
    expected: m`a width and a height such as 16x16, of at most ${most} pixels together`,
    schema: { type: 'string', pattern: '^[1-9][0-9]*x[1-9][0-9]*$' },
    fromText: (given) => given,
    accept: (value) => {
      const found = typeof value === 'string' && /^([1-9]\d*)x([1-9]\d*)$/.exec(value);
      if (!found || Number(found[1]) * Number(found[2]) > most) return undefined;
      return { width: Number(found[1]), height: Number(found[2]) };
    },
    isValue: (value) => {
      const { width, height } = Object(value) as { width?: unknown; height?: unknown };
      const range = { from: 1, to: most };
      return isWhole(width, range) && isWhole(height, range) && width * height <= most;
    },
  };
}

/** Some of several numbers with names, such as `rotate=10,shift=2`; an object in the configuration file. */
export function amounts<K extends string>(
  description: Message,
  ranges: Readonly<Record<K, Range>>,
): OptionSpec<Readonly<Partial<Record<K, number>>>> {
  const names = Object.keys(ranges) as K[];
  const isAllowed = ([name, value]: readonly [string, unknown]): boolean => {
    if (!Object.hasOwn(ranges, name) || typeof value !== 'number') return false;
    const { from, to } = ranges[name as K];
    return value >= from && value <= to;
  };
  const limits = names.map((name) => `${name}=${ranges[name].from}..${ranges[name].to}`);
  return {
    form: 'value',
    description,
    placeholder: m`<list>`,
    expected: m`a list of ${limits.join(', ')}`,
    schema: {
      type: 'object',
      properties: Object.fromEntries(
        names.map((name) => [name, { type: 'number', minimum: ranges[name].from, maximum: ranges[name].to }]),
      ),
      additionalProperties: false,
    },
    fromText: (given) => {
      const pairs = given.split(',').map((pair) => pair.split('='));
      const isList = pairs.every((pair) => pair.length === 2);
      if (!isList || new Set(pairs.map(([name]) => name)).size < pairs.length) return given;
      return Object.fromEntries(pairs.map(([name, value]) => [name, numberFromText(value)]));
    },
    accept: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      const entries = Object.entries(value);
      return entries.length > 0 && entries.every(isAllowed)
        ? (value as Partial<Record<K, number>>)
        : undefined;
    },
  };
}

/** Names such as `id,time`; in the configuration file a list may hold names with commas. */
export function names(description: Message, placeholder: Message): OptionSpec<readonly string[]> {
  const split = (list: string): string[] => list.split(',').map((name) => name.trim());
  return {
    form: 'value',
    description,
    placeholder,
    expected: m`names such as id,time`,
    schema: {
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
      ],
    },
    fromText: split,
    accept: (value) => {
      const list: unknown = typeof value === 'string' ? split(value) : value;
      const isList = Array.isArray(list) && list.length > 0;
      return isList && list.every((name) => typeof name === 'string' && name !== '')
        ? (list as string[])
        : undefined;
    },
  };
}

export function text(description: Message, placeholder: Message): OptionSpec<string> {
  return {
    form: 'value',
    description,
    placeholder,
    expected: m`a text that is not empty`,
    schema: { type: 'string', minLength: 1 },
    fromText: (given) => given,
    accept: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  };
}

export function filePath(description: Message, placeholder: Message, short?: string): OptionSpec<string> {
  return { ...text(description, placeholder), expected: m`a path`, isPath: true, short };
}

export function toggle(
  form: 'on' | 'off' | 'on-off',
  description: Message,
  more: { readonly short?: string; readonly offDescription?: Message } = {},
): OptionSpec<boolean> {
  return {
    form,
    description,
    ...more,
    placeholder: null,
    expected: m`true or false`,
    schema: { type: 'boolean' },
    fromText: (given) => given,
    accept: (value) => (typeof value === 'boolean' ? value : undefined),
  };
}

/** `learningRate` → `--learning-rate` */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Why `value` is refused, and how to mend it. `name` is the flag, or the key in the configuration file. */
export function refusal(
  name: string,
  option: OptionSpec<unknown>,
  value: unknown,
): { message: string; hint?: string } {
  return {
    message: t`${name} is ${JSON.stringify(value)}; expected ${option.expected}`,
    hint: option.words && suggestion(String(value), option.words),
  };
}
