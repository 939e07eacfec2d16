import path from 'node:path';
import { generateFirmware, type Firmware } from '../../codegen/generate.js';
import { writeFirmware } from '../../codegen/output-folder.js';
import { findBoard, type Board } from '../../model/board.js';
import { modelFileText } from '../../model/model-file.js';
import type { QuantizedModel } from '../../model/quantized-model.js';

/** Generates a firmware folder for a model; resolves to where it is and what the harness asks for. */
export function makeFirmware(
  parent: string,
  name: string,
  model: QuantizedModel,
  boardId: string,
  format: Board['formats'][number],
  prefix = name,
): { directory: string; hash: string; firmware: Firmware } {
  const directory = path.join(parent, name);
  const { hash, text } = modelFileText(model);
  const firmware = generateFirmware({
    model,
    modelHash: hash,
    board: findBoard(boardId),
    format,
    name: prefix,
    folderName: name,
  });
  writeFirmware(
    directory,
    {
      tool: 'neurona test',
      command: firmware.command,
      board: boardId,
      format,
      name: prefix,
      modelHash: hash,
    },
    [...firmware.files, { path: 'model.json', content: text }],
    { force: false },
  );
  return { directory, hash, firmware };
}
