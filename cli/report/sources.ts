import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { quantize } from '../../codegen/quantize.js';
import type { Dataset } from '../../dataset/dataset.js';
import { loadDataset } from '../../dataset/load.js';
import { selectRows, stratifiedSplit } from '../../dataset/split.js';
import { m, t, type Message } from '../../model/messages.js';
import { modelFileText } from '../../model/model-file.js';
import { readNetworkFile } from '../../model/network-file.js';
import type { Network } from '../../model/network.js';
import { Problem, rejectData } from '../../model/problem.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { recordedSource, type RecordedSource } from '../recorded-source.js';

/** Finds what a firmware folder does not hold: the network that its integers came from, and the rows. */

export interface FoundNetwork {
  readonly file: string;
  readonly network: Network;
}

/** Rows of data under a heading such as `test`. */
export interface Part {
  /** Of the data, or what part of them it is. */
  readonly name: string | Message;
  readonly data: Dataset;
  /** (rows,) where each row stands in its file, counted from 1 without the header. */
  readonly rowNumbers: Uint32Array;
}

const START_BYTES = 100;

/** Artefacts begin with their kind, so that no other JSON file need be read as a whole. */
function isNetworkFile(file: string): boolean {
  if (!statSync(file).isFile()) return false;
  const bytes = Buffer.alloc(START_BYTES);
  const opened = openSync(file, 'r');
  const start = bytes.toString('utf8', 0, readSync(opened, bytes, 0, START_BYTES, 0));
  closeSync(opened);
  return start.includes('"neurona": "network"');
}

/** Whether a network's integers are the model, whatever width of accumulators `neurona quantize` was asked for. */
function makesModel(network: Network, modelHash: string): boolean {
  return ([undefined, 'auto', 16, 24, 32] as const).some((request) => {
    try {
      return modelFileText(quantize(network, request).model).hash === modelHash;
    } catch (error) {
      if (error instanceof Problem) return false;
      throw error;
    }
  });
}

const unique = (folders: readonly string[]): string[] => [...new Set(folders.map((f) => path.resolve(f)))];

/**
 * The network whose integers are exactly the model: `given`, or else one that lies beside the folder, in it or in the
 * working directory; null where there is none. Throws a `Problem` (`wrong-model`) where `given` is another one.
 */
export function findNetwork(
  directory: string,
  modelHash: string,
  given: string | undefined,
): FoundNetwork | null {
  if (given !== undefined) {
    const { network } = readNetworkFile(given);
    if (makesModel(network, modelHash)) return { file: given, network };
    return rejectData('wrong-model', t`this is not the network that the folder was generated from`, {
      file: given,
      hint: t`generate the folder again, or leave --network out`,
    });
  }
  for (const folder of unique(['.', path.dirname(path.resolve(directory)), directory])) {
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.json'))) {
      const file = path.relative('', path.join(folder, name));
      try {
        if (!isNetworkFile(file)) continue;
        const { network } = readNetworkFile(file);
        if (makesModel(network, modelHash)) return { file, network };
      } catch {
        continue; // a file nobody named may be anything, damaged too
      }
    }
  }
  return null;
}

/** Data often lie in a folder of their own. */
const subfolders = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
    .map((entry) => path.join(folder, entry.name));

const everyRow = (data: Dataset): Uint32Array => Uint32Array.from({ length: data.rows }, (_, r) => r + 1);

/** The rows of each part of a split, counted from 1: a data set whose only feature is the row's number is split alike. */
function splitParts(data: Dataset, { testSplit, seed }: RecordedSource): Part[] {
  const numbers = Float64Array.from(everyRow(data));
  const numbered = { ...data, features: ['row'], values: numbers, image: null };
  const { train, test } = stratifiedSplit(numbered, testSplit, seed);
  return [
    { name: m`training`, rowNumbers: Uint32Array.from(train.values) },
    { name: m`test`, rowNumbers: Uint32Array.from(test.values) },
  ].map((part) => ({
    ...part,
    data: selectRows(
      data,
      part.rowNumbers.map((number) => number - 1),
    ),
  }));
}

interface Asked {
  readonly label?: string;
  readonly header?: boolean;
  readonly note?: (text: string) => void;
}

/**
 * The rows to report on. `files` as given; without any, the files that the training recorded, where they still are what
 * it read. Rows of the training come in its parts, `training` and `test`, also where the files of both are given; other
 * rows in one. Null where nothing is found; throws the `Problem`s of `loadDataset` for files that were given.
 */
export async function findParts(
  directory: string,
  model: QuantizedModel,
  found: FoundNetwork | null,
  files: readonly string[],
  asked: Asked,
): Promise<readonly Part[] | null> {
  const { classes, targets, input } = model;
  const reference = { features: input.features, classes, targets, resize: input.resize };
  const source = found && recordedSource(found.network.training);
  const recorded = { label: source?.label, header: source?.header };
  const load = (names: readonly string[], options: Asked): Promise<Dataset> =>
    loadDataset(names, { ...options, reference });

  /** The files by their recorded names, in the first folder where their bytes are right. */
  async function locate(names: readonly string[], sha256: string): Promise<Dataset | null> {
    const near = ['.', path.dirname(path.resolve(directory)), path.dirname(found?.file ?? '.'), directory];
    const folders = [...files.map((file) => path.dirname(file)), ...near, ...subfolders('.')];
    for (const folder of unique(folders)) {
      const paths = names.map((name) => path.relative('', path.join(folder, name)));
      try {
        const data = await load(paths, recorded);
        if (data.sha256 === sha256) return data;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }
    return null;
  }

  async function partsOf(data: Dataset, trained: RecordedSource): Promise<Part[]> {
    if (trained.testSplit > 0) return splitParts(data, trained);
    const training = { name: m`training`, data, rowNumbers: everyRow(data) };
    const test = trained.test && (await locate([trained.test.file], trained.test.sha256));
    return test ? [training, { name: m`test`, data: test, rowNumbers: everyRow(test) }] : [training];
  }

  if (files.length === 0) {
    const data = source && (await locate(source.files, source.sha256));
    return data && source ? partsOf(data, source) : null;
  }
  const options = { ...(asked.label === undefined ? recorded : {}), ...definedOf(asked) };
  const trained = files.filter((file) => path.basename(file) !== source?.test?.file);
  if (source && trained.length > 0 && trained.length < files.length) {
    const data = await load(trained, options);
    if (data.sha256 === source.sha256) return partsOf(data, source);
  }
  const data = await load(files, options);
  if (source && data.sha256 === source.sha256) return partsOf(data, source);
  return [{ name: data.name, data, rowNumbers: everyRow(data) }];
}

const definedOf = (asked: Asked): Asked =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
