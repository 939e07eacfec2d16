import { ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifactText } from '../../model/artifact.js';
import { modelFileText, readModelFile } from '../../model/model-file.js';
import { readNetworkFile } from '../../model/network-file.js';
import { networkFileText } from '../../model/network-text.js';
import type { Network } from '../../model/network.js';
import { Problem } from '../../model/problem.js';
import { quantize } from '../../codegen/quantize.js';
import { folderWith, runFailing, temporaryFolder } from './run-cli.js';

const filled = (length: number): Float64Array =>
  Float64Array.from({ length }, (_, k) => ((k * 7) % 11) / 4 - 1);

/** 2-6-3: the last layer has 18 weights. */
const NETWORK: Network = {
  name: 'tiny',
  features: ['a', 'b'],
  classes: ['x', 'y', 'é'],
  targets: null,
  input: { rawType: 'int16', decimals: [1], mean: [5], deviation: [2], lowest: [0], highest: [10] },
  layers: [
    {
      inputs: 2,
      outputs: 6,
      weights: filled(12),
      bias: filled(6),
      activation: 'relu',
      range: { low: -2, high: 3 },
    },
    { inputs: 6, outputs: 3, weights: filled(18), bias: filled(3), activation: 'softmax', range: null },
  ],
  precision: { weightBits: 8, activationBits: 7, accumulator: 'auto' },
  training: {},
};

const KINDS = [
  {
    kind: 'network',
    text: networkFileText(NETWORK).text,
    read: (file: string) => readNetworkFile(file) as object,
  },
  {
    kind: 'model',
    text: modelFileText(quantize(NETWORK).model).text,
    read: (file: string) => readModelFile(file) as object,
  },
] as const;

const file = path.join(temporaryFolder(), 'artifact.json');
/** Kept open: thousands of contents are written, and opening a file to write takes longer than all else. */
const opened = openSync(file, 'w');

function writeWhole(content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  ftruncateSync(opened, bytes.length);
  writeSync(opened, bytes, 0, bytes.length, 0);
}

/** The problem that reading gives; anything else that is thrown, and a read that succeeds, fails the test. */
function problemOf(read: (file: string) => object, content: string | Uint8Array, where: string): Problem {
  writeWhole(content);
  try {
    read(file);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw new Error(`${where}: ${String(error)}`, { cause: error });
  }
  throw new Error(`${where}: was accepted`);
}

describe.each(KINDS)('a damaged $kind', ({ kind, text, read }) => {
  const bytes = Buffer.from(text);

  it('is read while it is whole', () => {
    writeWhole(text);
    expect(read(file)).toHaveProperty('hash');
  });

  it('is refused when cut short at any length', { timeout: 60_000 }, () => {
    for (let length = 0; length < bytes.length; length++) {
      const { details } = problemOf(read, bytes.subarray(0, length), `length ${length}`);
      expect(details.kind).toBe('data');
      expect(details.file).toBe(file);
    }
  });

  it('is refused when any bit is flipped', { timeout: 60_000 }, () => {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(problemOf(read, flipped, `bit ${bit}`).details.kind).toBe('data');
    }
  });

  it('is refused when it comes from a newer version', () => {
    const { details } = problemOf(read, text.replace(/"version": \d/, '"version": 4'), 'newer');
    expect(details).toMatchObject({ kind: 'data', code: 'newer-format', file });
    expect(details.message).toMatch(/^written by 4, this reads 3/);
  });

  it('is refused when it is of the other kind, naming the command that makes the right one', () => {
    const other = KINDS.find((entry) => entry.kind !== kind)!;
    const { details } = problemOf(read, other.text, 'other');
    expect(details.code).toBe('wrong-kind');
    expect(details.message).toContain(kind === 'network' ? '`neurona train`' : '`neurona quantize`');
  });
});

interface Body {
  [key: string]: unknown;
  features: unknown;
  layers: { inputs: unknown; outputs: unknown; weights: unknown[]; bias: unknown[] }[];
}

/** The artefact with one change and a hash that fits it: what no check of the hash can find. */
function resigned(entry: (typeof KINDS)[number], change: (body: Body) => void): string {
  const body = JSON.parse(entry.text) as Body;
  for (const key of ['neurona', 'version', 'hash']) delete body[key];
  change(body);
  return artifactText(entry.kind, body).text;
}

describe('a changed file with a valid hash', () => {
  const [network, model] = KINDS;

  it.each<[string, (typeof KINDS)[number], unknown, string]>([
    ['a weight of 200', model, 200, 'layers[1].weights[17]'],
    ['a fraction', model, 0.5, 'layers[1].weights[17]'],
    ['null', model, null, 'layers[1].weights[17]'],
    ['a text', model, '7', 'layers[1].weights[17]'],
    ['null', network, null, 'layers[1].weights[17]'],
    ['a text', network, '7', 'layers[1].weights[17]'],
  ])('%s in an artefact', (_, entry, value, place) => {
    const text = resigned(entry, (body) => {
      body.layers[1].weights[17] = value;
    });
    const { details } = problemOf(entry.read, text, place);
    expect(details).toMatchObject({ kind: 'data', code: 'wrong-field', file });
    expect(details.message).toContain(place);
  });

  /** In a process of its own: a reader that believes such a size loops for hours, and cannot be stopped from here. */
  it.each<[string, (body: Body) => void, string]>([
    ['inputs beyond the limit', (body) => (body.layers[0].inputs = 1e12), 'layers[0].inputs'],
    ['outputs beyond the limit', (body) => (body.layers[0].outputs = 2 ** 31), 'layers[0].outputs'],
    [
      'all sizes at the limit',
      (body) => Object.assign(body.layers[0], { inputs: 65535, outputs: 65535 }),
      'layers[0]',
    ],
    ['more outputs than weights', (body) => (body.layers[1].outputs = 65535), 'layers[1].'],
    ['a negative size', (body) => (body.layers[0].outputs = -1), 'layers[0].outputs'],
    [
      'a thousand layers',
      (body) => (body.layers = Array<Body['layers'][0]>(1000).fill(body.layers[0])),
      'layers',
    ],
    ['an unknown field', (body) => (body.extra = 1), ''],
  ])('%s', { timeout: 30_000 }, async (_, change, place) => {
    const folder = folderWith(
      Object.fromEntries(KINDS.map((entry) => [`${entry.kind}.json`, resigned(entry, change)])),
    );
    for (const { kind } of KINDS) {
      const words = ['generate', `${kind}.json`, '--board', 'host', '-o', 'out'];
      const { exit, error } = await runFailing(words, folder);
      expect(exit).toBe(1);
      expect(error).toMatchObject({ code: 'wrong-field', file: `${kind}.json` });
      expect(error.message).toContain(place);
    }
  });
});
