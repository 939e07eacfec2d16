import path from 'node:path';
import { estimateBoard } from '../codegen/board-estimate.js';
import type { Dataset } from '../dataset/dataset.js';
import { loadDataset } from '../dataset/load.js';
import { suggestion } from '../model/suggestion.js';
import { readManifest } from '../harness/build.js';
import { DEVICE_WORDS, devicesOf } from '../harness/device.js';
import type { ProgramBuilderName } from '../harness/toolchains.js';
import { verifyFirmware } from '../harness/verify.js';
import { findBoard } from '../model/board.js';
import { BUILD_FOLDER, MODEL_FILE } from '../model/firmware-manifest.js';
import { t } from '../model/messages.js';
import { readModelFile } from '../model/model-file.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { rawFeatures } from '../model/raw-features.js';
import { unitValues } from '../model/target-scaling.js';
import { scoreTargets, type TargetScore } from '../trainer/regression-scores.js';
import { nameOtherModel, withOtherModelNamed } from './known-folders.js';
import { activitiesOf } from './row-activities.js';
import { verifyAll } from './verification-farm.js';
import { recordVerification } from './verification-record.js';
import { failedVerification, verificationReport, type VerificationReport } from './verification-summary.js';

export interface VerifySettings {
  /** `simulator`, `qemu`, `host` or a port such as `/dev/ttyACM0`; several between commas; the board's usual one by default. */
  readonly on?: string;
  /** The folder of an interrupted session to go on with. */
  readonly resume?: string;
  /** What compiles; the board's usual one by default. */
  readonly toolchain?: ProgramBuilderName;
  readonly label?: string;
  readonly header?: boolean;
}

/** A word that is no way to run and looks like no port is a typing error, not a board that is unplugged. */
function checkDevice(on: string, ways: readonly string[]): void {
  if (ways.includes(on) || /[\\/]/.test(on) || /^COM\d+$/i.test(on)) return;
  throw new Problem({
    kind: 'usage',
    code: 'unknown-device',
    message: t`there is no device ${JSON.stringify(on)}; expected ${ways.join(', ')} or a port`,
    hint: t`${suggestion(on, ways)}; a port is a path such as /dev/ttyACM0, or COM3`,
  });
}

/** How near a regression's board came to the targets of the rows it answered; null where there is nothing to say. */
function valueScores(
  values: Int32Array,
  { targets }: QuantizedModel,
  data: Dataset,
): readonly TargetScore[] | null {
  if (!targets || !data.targets || values.length === 0) return null;
  const actual = data.targets.values.subarray(0, values.length);
  return scoreTargets(targets.names, actual, unitValues(targets.decimals, values));
}

/** Says how to go on with what was interrupted: the folders of sessions by device. */
export function goingOn(details: ProblemDetails, sessions: ReadonlyMap<string, string>): ProblemDetails {
  if (sessions.size === 0) return details;
  const ways = [...sessions].map(([device, folder]) => `--on ${device} --resume ${folder}`);
  const how = t`go on with the same command and ${ways.join(t`, then `)}`;
  return { ...details, hint: details.hint === undefined ? how : `${details.hint}; ${how}` };
}

export interface VerifyEvents {
  readonly progress?: (text: string) => void;
  /** Hears how a file was read, where that is worth saying. */
  readonly note?: (text: string) => void;
  /** Hears of the folder of each session, with which an interrupted one can be resumed. */
  readonly sessionBegun?: (device: string, folder: string) => void;
}

/**
 * Sends every row to devices that run the folder's firmware, which is built first where it is simulated, and compares
 * class, values and all raw outputs with the reference: a report for each. A difference is no exception: see
 * `mismatches` and `stoppedBy`. Throws a `Problem` where nothing could be compared.
 */
export async function verifyProject(
  directory: string,
  files: readonly string[],
  { on, resume, toolchain, label, header }: VerifySettings = {},
  { progress = () => {}, note, sessionBegun = () => {} }: VerifyEvents = {},
): Promise<{ readonly reports: readonly VerificationReport[]; readonly model: QuantizedModel }> {
  const named = on?.split(',').map((word) => word.trim());
  named?.forEach((word) => checkDevice(word, DEVICE_WORDS));
  const manifest = readManifest(directory);
  const board = findBoard(manifest.board);
  const modelFile = path.join(directory, MODEL_FILE);
  const { model, hash } = readModelFile(modelFile);
  if (hash !== manifest.modelHash) {
    throw new Problem({
      kind: 'data',
      code: 'wrong-model',
      message: t`this is not the model that the folder was generated from`,
      file: modelFile,
      hint: t`generate the folder again`,
    });
  }
  const { features, resize } = model.input;
  const { classes, targets } = model;
  const data = await loadDataset(files, {
    label,
    header,
    reference: { features, classes, targets, resize },
    note,
    labelsOptional: true,
  });
  const raw = rawFeatures(data.values, features.length, model.input);
  const list = named ?? [devicesOf(directory, board)[0]];
  if (resume !== undefined && list.length > 1) {
    const message = t`--resume goes on with one session; --on names several devices`;
    throw new Problem({
      kind: 'usage',
      code: 'one-session',
      message,
      hint: t`resume them one after the other`,
    });
  }
  if (list.includes('serial')) {
    throw new Problem({
      kind: 'usage',
      code: 'no-port',
      message: t`the ${board.name} is verified through its serial port`,
      hint: t`name the port, such as --on /dev/ttyACM0 or --on COM3`,
    });
  }
  const constantTime = manifest.command.includes(' --constant-time');
  const estimated = estimateBoard(model, board, manifest.format, constantTime, activitiesOf(model, raw));
  const estimate = estimated.cycles && { ...estimated.cycles, unit: estimated.unit };
  progress(t`preparing ${list.join(', ')} …`);
  const answered = new Map<string, number>();
  const sessionsBegun = new Map<string, string>();
  const verifyOn = async (device: string): Promise<VerificationReport> => {
    const result = await verifyFirmware(directory, device, model, hash, raw, data.labels, {
      toolchain,
      sessions: path.join(directory, BUILD_FOLDER, 'sessions'),
      resume,
      onSession: (folder) => {
        sessionsBegun.set(device, folder);
        sessionBegun(device, folder);
      },
      onProgress: (rows) => {
        answered.set(device, rows);
        const states = [...answered].map(([name, count]) => t`row ${count} of ${data.rows} on ${name}`);
        progress(states.join(', '));
      },
    });
    const scores = valueScores(result.values, model, data);
    const session = sessionsBegun.get(device) ?? null;
    const stoppedBy =
      result.stoppedBy && goingOn(result.stoppedBy, new Map(session === null ? [] : [[device, session]]));
    const run = { modelHash: hash, total: data.rows, scores, session, estimate };
    const found = verificationReport({ ...result, stoppedBy }, run);
    recordVerification(directory, found);
    return found;
  };
  const failed = (device: string, why: ProblemDetails): VerificationReport => {
    const run = { board: board.id, on: device, modelHash: hash, total: data.rows };
    const session = sessionsBegun.get(device) ?? null;
    return failedVerification({ ...run, session, stoppedBy: nameOtherModel(why, directory) });
  };
  const reports = await verifyAll(list, verifyOn, failed).catch((error: unknown) => {
    throw withOtherModelNamed(error, directory);
  });
  return { reports, model };
}
