import path from 'node:path';
import type { Format } from '../codegen/formats.js';
import { generateFirmware } from '../codegen/generate.js';
import { writeFirmware } from '../codegen/output-folder.js';
import { placeholderWarning } from '../codegen/project-facts.js';
import { quantize } from '../codegen/quantize.js';
import { findBoard } from '../model/board.js';
import type { ProgramMemory } from '../codegen/layer-work.js';
import type { Proof } from '../harness/prove.js';
import { MODEL_FILE } from '../model/firmware-manifest.js';
import { t } from '../model/messages.js';
import { modelFileText } from '../model/model-file.js';
import type { Network } from '../model/network.js';
import { Problem } from '../model/problem.js';
import { TOOL_VERSION } from '../model/package-root.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { checkZip, libraryZip } from './library-zip.js';
import { twinWarning } from './name-twins.js';
import { writeFile } from './write-file.js';

export interface GenerateSettings {
  /** The id of a board, see `allBoards`. */
  readonly board: string;
  /** Folder of the project; whatever an earlier run wrote there is replaced. */
  readonly out: string;
  /** The board's usual one by default. */
  readonly format?: Format;
  /** Prefix of all C names; the model's name by default. */
  readonly name?: string;
  /** Kernels whose time does not depend on the data. */
  readonly constantTime?: boolean;
  /** Give up changes to files of an earlier run, and leave files of others where they are. */
  readonly force?: boolean;
  /** Of a library or component. */
  readonly author?: string;
  readonly url?: string;
  readonly release?: string;
  /** PlatformIO's `platform`; the board's by default. */
  readonly platform?: string;
  /** Also write the Arduino library as `OUT.zip`. */
  readonly zip?: boolean;
  /** First prove with Frama-C that the C has no undefined behaviour. */
  readonly prove?: boolean;
}

/** What `neurona generate` wrote; sizes in bytes. */
export interface GeneratedProject {
  readonly directory: string;
  readonly board: string;
  readonly format: Format;
  readonly name: string;
  readonly files: readonly string[];
  readonly modelHash: string;
  /** Bits of each layer's accumulator. */
  readonly accumulators: readonly number[];
  readonly flashBytes: number;
  readonly ramBytes: number;
  /** As in the Arduino IDE, about; null where that is not known. */
  readonly withArduinoCore: ProgramMemory | null;
  readonly constantBytes: number;
  readonly bufferBytes: number;
  /** The Arduino library to install; null where none was asked for. */
  readonly zip: string | null;
  /** Null where none was asked for. */
  readonly proof: Proof | null;
  /**
   * Of the quantisation of a network, of a core that does not fit beside the model, of what a library or component should not be
   * published with, and of a folder beside it with the same C names.
   */
  readonly warnings: readonly string[];
}

/**
 * Writes the C project of a model for a board, whole or not at all; a network is quantised on the way. Throws a
 * `Problem` for an unknown board, illegal names, a board that is too small, C that cannot be proven, and a folder with
 * files of others.
 */
export async function generateProject(
  source: Network | QuantizedModel,
  settings: GenerateSettings,
): Promise<GeneratedProject> {
  const directory = settings.out;
  const board = findBoard(settings.board);
  const format = settings.format ?? board.formats[0];
  const wantsZip = settings.zip ?? false;
  if (wantsZip && format !== 'arduino-library') {
    throw new Problem({
      kind: 'usage',
      code: 'conflicting-options',
      message: t`--zip makes an Arduino library; the format is ${format}`,
      hint: t`use --format arduino-library, or leave out --zip`,
    });
  }
  const { model, warnings: quantization } =
    'decision' in source ? { model: source, warnings: [] } : quantize(source);
  const { text: modelText, hash: modelHash } = modelFileText(model);
  const { author, url, release: version, platform } = settings;
  const project = { author, url, version, platform };
  const firmware = generateFirmware({
    model,
    modelHash,
    board,
    format,
    name: settings.name ?? null,
    folderName: path.basename(path.resolve(directory)),
    constantTime: settings.constantTime ?? false,
    project,
  });
  const { name, command, accumulators, constantBytes, bufferBytes, flashBytes, ramBytes, withArduinoCore } =
    firmware;
  const manifest = { tool: `neurona ${TOOL_VERSION}`, command, board: board.id, format, name, modelHash };
  const all = [...firmware.files, { path: MODEL_FILE, content: modelText }];
  let proof = null;
  if (settings.prove ?? false) {
    const { proveModel } = await import('../harness/prove.js');
    const code = (ending: string): string =>
      firmware.files.find((file) => path.posix.basename(file.path) === `${name}.${ending}`)!.content;
    proof = await proveModel(name, code('h'), code('c'), model, board.core);
  }
  const zip = wantsZip ? `${path.join(directory, '..', path.basename(path.resolve(directory)))}.zip` : null;
  if (zip !== null) checkZip(zip, name);
  writeFirmware(directory, manifest, all, { force: settings.force ?? false });
  if (zip !== null) writeFile(zip, libraryZip(name, firmware.files));
  const files = all.map((file) => file.path).sort();
  const { coreShortfall } = firmware;
  const others = [coreShortfall, placeholderWarning(format, project), twinWarning(directory, name)];
  const sizes = { flashBytes, ramBytes, withArduinoCore, constantBytes, bufferBytes };
  return {
    directory,
    board: board.id,
    format,
    name,
    files,
    modelHash,
    accumulators,
    ...sizes,
    zip,
    proof,
    warnings: [...quantization, ...others.filter((warning) => warning !== null)],
  };
}
