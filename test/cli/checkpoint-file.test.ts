import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../cli/checkpoint-file.js';
import { checkpointFileOf, checkpointText, type Checkpoint } from '../../cli/checkpoint-text.js';
import { artifactText } from '../../model/artifact.js';
import { Problem } from '../../model/problem.js';
import { folderWith, runFailing, temporaryFolder } from './run-cli.js';

const CHECKPOINT: Checkpoint = {
  command: ['train', 'é.csv', '--resume', 'network.checkpoint.json'],
  run: { neurona: '0.0.0', data: { sha256: '0', rows: 3 }, options: { hidden: [2], l2: 1e-300 } },
  state: {
    loss: Float64Array.of(NaN, Infinity, -0, 5e-324, 0.1 + 0.2),
    order: Uint32Array.of(0, 2 ** 32 - 1, 7),
    weights: Float32Array.of(1.5, -Infinity, 1e-45),
    none: new Float64Array(0),
  },
};
const TEXT = checkpointText(CHECKPOINT);

const folder = temporaryFolder();
const file = path.join(folder, 'checkpoint.json');
/** Kept open: thousands of contents are written, and opening a file to write takes longer than all else. */
const opened = openSync(file, 'w');
afterAll(() => {
  closeSync(opened);
  rmSync(folder, { recursive: true });
});

function writeWhole(content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  ftruncateSync(opened, bytes.length);
  writeSync(opened, bytes, 0, bytes.length, 0);
}

function problemOf(content: string | Uint8Array, where: string): Problem {
  writeWhole(content);
  try {
    readCheckpoint(file);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw new Error(`${where}: ${String(error)}`, { cause: error });
  }
  throw new Error(`${where}: was accepted`);
}

describe('a checkpoint file', () => {
  it('holds every number to the last bit, and the same bytes for the same state', () => {
    writeWhole(TEXT);
    const { command, run, state } = readCheckpoint(file);
    expect({ command, run }).toEqual({ command: CHECKPOINT.command, run: CHECKPOINT.run });
    expect(Object.keys(state)).toEqual(Object.keys(CHECKPOINT.state));
    for (const [name, array] of Object.entries(CHECKPOINT.state)) {
      expect(state[name]).toEqual(array);
      expect(Object.is(state.loss[2], -0)).toBe(true);
    }
    expect(checkpointText({ command, run, state })).toBe(TEXT);
    const { state: arrays } = JSON.parse(TEXT) as { state: Record<string, { type: string; values: string }> };
    expect(arrays.order).toEqual({ type: 'u32', values: 'AAAAAP////8HAAAA' }); // little-endian
  });

  it('lies beside its artefact', () => {
    expect(checkpointFileOf('network.json')).toBe('network.checkpoint.json');
    expect(checkpointFileOf('a/b.JSON')).toBe('a/b.checkpoint.json');
    expect(checkpointFileOf('a.json/net')).toBe('a.json/net.checkpoint.json');
  });

  it('is refused when cut short at any length (fault 16)', () => {
    const bytes = Buffer.from(TEXT);
    for (let length = 0; length < bytes.length; length++) {
      const { details } = problemOf(bytes.subarray(0, length), `length ${length}`);
      expect([details.kind, details.file]).toEqual(['data', file]);
    }
  });

  it('is refused when any bit is flipped (fault 17)', { timeout: 60_000 }, () => {
    const bytes = Buffer.from(TEXT);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(problemOf(bytes, `bit ${bit}`).details.kind).toBe('data');
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
  });

  it('is refused from a newer version, and another artefact in its place', () => {
    expect(problemOf(TEXT.replace('"version": 1', '"version": 4'), 'newer').details.code).toBe(
      'newer-format',
    );
    const { code, message } = problemOf(artifactText('model', {}).text, 'model').details;
    expect(code).toBe('wrong-kind');
    expect(message).toContain('expected a checkpoint (made by an interrupted `neurona train`)');
  });

  it.each<[string, object, string]>([
    ['half a number', { type: 'f64', values: 'AAAA' }, 'state["loss"].values'],
    ['no base64', { type: 'u32', values: 'AAAAA*==' }, 'state["loss"].values'],
    ['text after base64', { type: 'f32', values: 'AAAAAA==x' }, 'state["loss"].values'],
    ['an unknown type', { type: 'f16', values: '' }, 'state.loss.type'],
    ['a list', { type: 'f64', values: [1] }, 'state.loss.values'],
  ])('with a hash that fits, but %s', (_, loss, place) => {
    const { details } = problemOf(
      artifactText('checkpoint', { command: [], run: {}, state: { loss } }).text,
      place,
    );
    expect(details).toMatchObject({ code: 'wrong-field', file });
    expect(details.message).toContain(place);
  });
});

describe('commands that meet a checkpoint', () => {
  const files = { 'points.csv': 'a,k\n1,x\n2,y\n3,x\n4,y\n', 'network.checkpoint.json': TEXT };

  it.each([
    [['train', 'points.csv', '--test-split', '0', '--resume', 'network.checkpoint.json'], 'changed-version'],
    [['train', 'points.csv', '--test-split', '0', '--resume', 'points.csv'], 'not-an-artifact'],
    [['train', 'points.csv', '--test-split', '0', '--resume', 'nowhere.json'], 'cannot-read'],
    [['generate', 'network.checkpoint.json', '--board', 'uno', '-o', 'out'], 'wrong-kind'],
    [['evaluate', 'network.checkpoint.json', 'points.csv'], 'wrong-kind'],
    [['quantize', 'network.checkpoint.json'], 'wrong-kind'],
  ])('%j', async (words, code) => {
    const folder = folderWith(files);
    const { exit, error } = await runFailing(words, folder);
    expect([exit, error.code]).toEqual([1, code]);
    expect(readFileSync(path.join(folder, 'network.checkpoint.json'), 'utf8')).toBe(TEXT);
    rmSync(folder, { recursive: true });
  });
});
