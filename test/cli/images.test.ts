import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeImages } from '../support/images.js';
import { folderWith, POINTS_CSV, readIn, runFailing, runJson } from './run-cli.js';

function imageFolder(): string {
  const folder = folderWith({ 'points.csv': POINTS_CSV });
  writeImages(folder, 'large', 10, 8);
  writeImages(folder, 'small', 4, 5);
  writeImages(folder, 'other', 7, 7);
  mkdirSync(path.join(folder, 'again'));
  return folder;
}

const LARGE = 'large-images-idx3-ubyte';
const TRAIN = ['train', LARGE, '--crop', '6x10', '--resize', '5x4', '--epochs', '20'];
const AUGMENT = ['--augment', 'rotate=5,shift=0.5'];

describe('images that are resized', () => {
  it('are resized alike by every command that meets the network, and taken as they are in the new size', async () => {
    const folder = imageFolder();
    const trained = await runJson([...TRAIN, ...AUGMENT, '--test', LARGE], folder);
    expect(trained.object).toMatchObject({ architecture: '20-32-1', rows: 60, testRows: 60 });
    expect(trained.object).toMatchObject({ quantizedAccuracy: { test: 1 } });
    const resize = {
      from: { height: 10, width: 8 },
      crop: { height: 10, width: 6 },
      to: { height: 4, width: 5 },
    };
    const network = JSON.parse(readIn(folder, 'network.json')) as { features: string[]; training: object };
    expect(network).toMatchObject({
      input: { resize },
      training: { options: { augment: { rotate: 5, scale: 0, shift: 0.5, shear: 0, elastic: 0, noise: 0 } } },
    });
    expect(network.features.at(-1)).toBe('pixel_3_4');
    const quantized = await runJson(['quantize', 'network.json', '--data', LARGE], folder);
    expect(quantized.object).toMatchObject({ accuracy: { quantized: 1 } });
    expect(JSON.parse(readIn(folder, 'model.json'))).toMatchObject({ input: { resize } });
    for (const artifact of ['network.json', 'model.json']) {
      for (const file of [LARGE, 'small-images-idx3-ubyte']) {
        const { object } = await runJson(['evaluate', artifact, file], folder);
        expect(object).toMatchObject({ rows: 60, accuracy: 1 });
      }
    }
    const explained = await runJson(['explain', 'network.json', LARGE, '--row', '60'], folder);
    expect(explained.code).toBe(0);
    await runJson(['generate', 'model.json', '--board', 'host', '-o', 'firmware'], folder);
    const verified = await runJson(['verify', 'firmware', LARGE, '--on', 'host'], folder);
    expect(verified.object).toMatchObject({ rows: 60, mismatches: 0, accuracy: 1 });
  }, 60_000);

  it('and augmented give the same bytes again, from the configuration file too', async () => {
    const folder = imageFolder();
    await runJson([...TRAIN, ...AUGMENT], folder);
    const config = { train: { crop: '6x10', resize: '5x4', epochs: 20, augment: { shift: 0.5, rotate: 5 } } };
    writeFileSync(path.join(folder, 'neurona.config.json'), JSON.stringify(config));
    await runJson(['train', LARGE, '-o', 'again/network.json'], folder);
    expect(readIn(folder, 'again/network.json')).toBe(readIn(folder, 'network.json'));
    await runJson(['train', LARGE, '--augment', 'shift=0.4', '-o', 'again/network.json'], folder);
    expect(readIn(folder, 'again/network.json')).not.toBe(readIn(folder, 'network.json'));
  }, 60_000);

  it('of neither size are refused, with both sizes', async () => {
    const folder = imageFolder();
    await runJson(TRAIN, folder);
    const { exit, error } = await runFailing(['evaluate', 'network.json', 'other-images-idx3-ubyte'], folder);
    expect({ exit, code: error.code }).toEqual({ exit: 1, code: 'wrong-cell-count' });
    expect(error.message).toContain('images of 7 × 7 pixels; the network takes images of 10 × 8');
  });

  it('are refused in an artefact whose sizes do not make its features', async () => {
    const folder = imageFolder();
    await runJson(TRAIN, folder);
    const text = readIn(folder, 'network.json').replace('"width": 5', '"width": 6');
    writeFileSync(path.join(folder, 'wrong.json'), text);
    const { error } = await runFailing(['evaluate', 'wrong.json', LARGE], folder);
    expect(error.message).toContain('makes 4 × 6 pixels of 20 features');
  });
});

it.each<[string, string[], string, string]>([
  ['resizing a table', ['points.csv', '--resize', '4x4'], 'not-images', 'only images'],
  ['cropping a table', ['points.csv', '--crop', '4x4'], 'not-images', 'only images'],
  ['cropping out too much', [LARGE, '--crop', '9x9'], 'image-size', '9 × 9 pixels cannot'],
  ['a size that is none', [LARGE, '--resize', '4'], 'bad-value', 'such as 16x16'],
  ['a size of nothing', [LARGE, '--resize', '0x4'], 'bad-value', 'such as 16x16'],
  ['a size of too much', [LARGE, '--resize', '300x300'], 'bad-value', '65535 pixels'],
  ['turning a table', ['points.csv', '--augment', 'rotate=5'], 'contradiction', 'rotate'],
  ['shearing a table', ['points.csv', '--augment', 'noise=1,shear=1'], 'contradiction', 'shear'],
  ['noise on images', [LARGE, '--augment', 'noise=1'], 'contradiction', 'noise'],
  ['an unknown change', [LARGE, '--augment', 'flip=1'], 'bad-value', 'rotate=0..180'],
  ['a change twice', [LARGE, '--augment', 'shift=1,shift=2'], 'bad-value', 'shift=1,shift=2'],
  ['a change without a number', [LARGE, '--augment', 'shift'], 'bad-value', 'shift=0..1000'],
  ['a change that is no number', [LARGE, '--augment', 'shift=far'], 'bad-value', 'shift=0..1000'],
  ['a change out of range', [LARGE, '--augment', 'rotate=181'], 'bad-value', 'rotate=0..180'],
])('%s is a usage error', async (_, words, code, part) => {
  const { exit, error } = await runFailing(['train', ...words], imageFolder());
  expect({ exit, code: error.code }).toEqual({ exit: 2, code });
  expect(error.message).toContain(part);
});
