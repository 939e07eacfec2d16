import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTraining, type TrainSettings } from '../../cli/training.js';
import { generateFirmware } from '../../codegen/generate.js';
import { writeFirmware } from '../../codegen/output-folder.js';
import { quantize } from '../../codegen/quantize.js';
import { findBoard } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import { readNetworkFile } from '../../model/network-file.js';
import { TOOL_VERSION } from '../../model/package-root.js';

/** A trained and generated project in a folder of its own, made inside the process. */
export interface Project {
  readonly folder: string;
  /** The firmware folder in it. */
  readonly directory: string;
  readonly report: Awaited<ReturnType<typeof runTraining>>['report'];
}

export async function makeProject(
  files: Readonly<Record<string, string | ((folder: string) => void)>>,
  settings: TrainSettings,
  boardId: string,
): Promise<Project> {
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-report-'));
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === 'string') writeFileSync(path.join(folder, name), content);
    else content(folder);
  }
  const data = path.join(folder, Object.keys(files)[0]);
  const silent = { progress: () => {}, warn: () => {}, note: () => {}, epochEnd: () => {} };
  const { text, report } = await runTraining([data], settings, 1, silent);
  const networkFile = path.join(folder, 'network.json');
  writeFileSync(networkFile, text);
  const { model } = quantize(readNetworkFile(networkFile).network);
  const { text: modelText, hash: modelHash } = modelFileText(model);
  const board = findBoard(boardId);
  const format = board.formats[0];
  const request = {
    model,
    modelHash,
    board,
    format,
    name: null,
    folderName: 'firmware',
    constantTime: false,
  };
  const { name, command, files: generated } = generateFirmware(request);
  const directory = path.join(folder, 'firmware');
  const manifest = { tool: `neurona ${TOOL_VERSION}`, command, board: board.id, format, name, modelHash };
  writeFirmware(directory, manifest, [...generated, { path: 'model.json', content: modelText }], {
    force: false,
  });
  return { folder, directory, report };
}

/** Three clouds of two features, whose classes have names that HTML would take for something else. */
export const CLOUDS = `u,v,kind\n${Array.from({ length: 150 }, (_, i) => {
  const [k, a, b] = [i % 3, ((i * 37) % 100) / 60, ((i * 61) % 100) / 60];
  return `${(k * 1.1 + a).toFixed(2)},${(k === 1 ? 1.2 + b : b).toFixed(2)},${['a<b>', 'b & c', '"ñ"'][k]}`;
}).join('\n')}\n`;

export const WAVE = `x,y\n${Array.from({ length: 120 }, (_, i) => {
  const x = i / 20;
  return `${x.toFixed(2)},${(x * (x - 3) * (x - 6) + ((i * 7919) % 10) / 10).toFixed(2)}`;
}).join('\n')}\n`;

export const TWO_TARGETS = `a,b,sum,product\n${Array.from({ length: 120 }, (_, i) => {
  const [a, b] = [((i * 31) % 97) / 9.7, ((i * 57) % 89) / 8.9];
  return `${a.toFixed(2)},${b.toFixed(2)},${(a + b).toFixed(2)},${(a * b).toFixed(1)}`;
}).join('\n')}\n`;
