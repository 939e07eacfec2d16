import path from 'node:path';
import { generateFirmware, type Firmware } from '../../codegen/generate.js';
import { readManifest } from '../../harness/build.js';
import { findBoard, type Board } from '../../model/board.js';
import { MODEL_FILE, type FirmwareManifest } from '../../model/firmware-manifest.js';
import { say, t } from '../../model/messages.js';
import { readModelFile } from '../../model/model-file.js';
import { rejectData } from '../../model/problem.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import { layerActivity, predictRows, type LayerActivity, type Predictions } from './measure.js';
import { findNetwork, findParts, type FoundNetwork, type Part } from './sources.js';

/** Everything that a report tells about, gathered once; its sections only show it. */
export interface Subject {
  readonly directory: string;
  readonly manifest: FirmwareManifest;
  readonly board: Board;
  readonly model: QuantizedModel;
  readonly modelHash: string;
  readonly firmware: Firmware;
  /** Null where the network of the model is not at hand. */
  readonly found: FoundNetwork | null;
  /** Empty where no rows are at hand. */
  readonly parts: readonly MeasuredPart[];
  /** (layers,) over the rows of the last part; null without rows. */
  readonly activity: readonly LayerActivity[] | null;
}

export interface MeasuredPart extends Part {
  readonly predictions: Predictions;
}

export interface SubjectOptions {
  readonly network?: string;
  readonly label?: string;
  readonly header?: boolean;
  readonly note?: (text: string) => void;
}

export const partName = ({ name }: Part): string => (typeof name === 'string' ? name : say(name));

/** The rows of the part that says most: those of the test, else all. */
export const tellingPart = (parts: readonly MeasuredPart[]): MeasuredPart => parts[parts.length - 1];

/** Throws a `Problem` for a folder that `neurona generate` did not write, or files that do not belong to it. */
export async function gatherSubject(
  directory: string,
  files: readonly string[],
  options: SubjectOptions,
): Promise<Subject> {
  const manifest = readManifest(directory);
  const board = findBoard(manifest.board);
  const file = path.join(directory, MODEL_FILE);
  const { model, hash: modelHash } = readModelFile(file);
  if (modelHash !== manifest.modelHash) {
    const hint = t`generate the folder again`;
    rejectData('wrong-model', t`this is not the model that the folder was generated from`, { file, hint });
  }
  const firmware = generateFirmware({
    model,
    modelHash,
    board,
    format: manifest.format,
    name: manifest.name,
    folderName: manifest.name,
    constantTime: manifest.command.includes(' --constant-time'),
  });
  const found = findNetwork(directory, modelHash, options.network);
  const parts = (await findParts(directory, model, found, files, options)) ?? [];
  const measured = parts.map((part) => ({
    ...part,
    predictions: predictRows(model, found?.network ?? null, part.data),
  }));
  const activity = parts.length > 0 ? layerActivity(model, tellingPart(measured).data) : null;
  return { directory, manifest, board, model, modelHash, firmware, found, parts: measured, activity };
}
