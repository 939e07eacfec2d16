import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * node examples/mnist/train.mjs FOLDER [OUT [EPOCHS]]: from the four idx files of MNIST in FOLDER to a 4-bit integer model for an
 * Arduino Uno, with the commands anyone can type after it. OUT is build/mnist unless it is given, EPOCHS 180.
 */

const ROOT = path.join(import.meta.dirname, '..', '..');
const [folder, out = path.join(ROOT, 'build', 'mnist'), epochs = '180'] = process.argv.slice(2);
if (folder === undefined) {
  console.error(
    'usage: node examples/mnist/train.mjs FOLDER [OUT [EPOCHS]]: FOLDER holds the four idx files of MNIST',
  );
  process.exit(2);
}

/** The images of one part, packed or not. */
function images(part) {
  const names = [`${part}-images-idx3-ubyte.gz`, `${part}-images-idx3-ubyte`];
  return names.map((name) => path.join(folder, name)).find(existsSync) ?? path.join(folder, names[0]);
}

/** Runs one command, showing it and what it prints; a failure ends the script with the command's own words. */
function neurona(...words) {
  console.log(`\n$ neurona ${words.join(' ')}`);
  const program = path.join(ROOT, 'dist', 'cli', 'main.js');
  const { status } = spawnSync(process.execPath, [program, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 5);
}

mkdirSync(out, { recursive: true });
const network = path.join(out, 'network.json');
const model = path.join(out, 'model.json');

const NETWORK = ['--name', 'mnist', '--crop', '24x24', '--resize', '16x16', '--hidden', '64,64,64'];
const INTEGERS = ['--bits', '4', '--activation-bits', '8'];
const FITTING = ['--optimizer', 'muon', '--learning-rate', '0.007', '--batch', '256', '--epochs', epochs];
const AUGMENT = ['--augment', 'rotate=12,scale=0.12,shift=1.5,shear=0.15,elastic=1.2'];

const options = [...NETWORK, ...INTEGERS, ...FITTING, ...AUGMENT, '--test-split', '0'];
neurona('train', images('train'), ...options, '-o', network);
neurona('quantize', network, '-o', model);
neurona('evaluate', model, images('t10k'));
