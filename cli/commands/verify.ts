import path from 'node:path';
import { suggestion } from '../../dataset/suggestion.js';
import type { Dataset } from '../../dataset/dataset.js';
import { Problem, type ProblemDetails } from '../../model/problem.js';
import type { QuantizedModel } from '../../model/quantized-model.js';
import type { TargetScore } from '../../trainer/regression-scores.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND, DATA_OPTIONS } from '../data-options.js';
import { withOtherModelNamed } from '../known-folders.js';
import { TOOLCHAINS, type ToolchainName } from '../../harness/toolchains.js';
import { INTERRUPTED } from '../interruption.js';
import { choice, filePath, text } from '../option-spec.js';
import type { Colours } from '../output.js';
import type { VerificationReport } from '../verification-summary.js';

/** A word that is no way to run and looks like no port is a typing error, not a board that is unplugged. */
function checkDevice(on: string, ways: readonly string[]): void {
  if (ways.includes(on) || /[\\/]/.test(on) || /^COM\d+$/i.test(on)) return;
  throw new Problem({
    kind: 'usage',
    code: 'unknown-device',
    message: `there is no device ${JSON.stringify(on)}; expected ${ways.join(', ')} or a port`,
    hint: `${suggestion(on, ways)}; a port is a path such as /dev/ttyACM0, or COM3`,
  });
}

/** How near a regression's board came to the targets of the rows it answered; null where there is nothing to say. */
async function valueScores(
  values: Int32Array,
  { targets }: QuantizedModel,
  data: Dataset,
): Promise<readonly TargetScore[] | null> {
  if (!targets || !data.targets || values.length === 0) return null;
  const [{ scoreTargets }, { unitValues }] = await Promise.all([
    import('../../trainer/regression-scores.js'),
    import('../../model/target-scaling.js'),
  ]);
  const actual = data.targets.values.subarray(0, values.length);
  return scoreTargets(targets.names, actual, unitValues(targets.decimals, values));
}

/** Says how to go on with what was interrupted. */
function goingOn(details: ProblemDetails, folders: readonly string[]): ProblemDetails {
  if (folders.length !== 1) return details;
  const how = `go on with the same command and --resume ${folders[0]}`;
  return { ...details, hint: details.hint === undefined ? how : `${details.hint}; ${how}` };
}

export const verify = defineCommand({
  name: 'verify',
  group: 'From data to board:',
  summary: 'prove that a board computes what the model says',
  description:
    'Sends every row to the device and compares its class or values and all raw integer outputs with the reference, ' +
    'bit for bit. The simulator, QEMU and the host build the folder first; a board on a port must run it already. Exit code 3 ' +
    'if anything differs.',
  operands: { '<dir>': 'folder made by neurona generate', ...DATA_OPERAND },
  groups: {
    'Device:': {
      on: text(
        "simulator, qemu, host or a port such as /dev/ttyACM0; several between commas (default: the board's)",
        '<device>',
      ),
      resume: filePath('go on with the interrupted session in this folder', '<folder>'),
      toolchain: choice(
        "what compiles for simulator, qemu and host (default: the board's usual one)",
        '<name>',
        Object.keys(TOOLCHAINS) as ToolchainName[],
      ),
    },
    'Data:': DATA_OPTIONS,
  },
  examples: ['neurona verify firmware iris.csv', 'neurona verify firmware iris.csv --on /dev/ttyACM0'],
  async run([directory, ...files], { on, resume, toolchain, label, header }, context) {
    const { output } = context;
    const [harness, devices, { readManifest }, { findBoard }, { readModelFile }, manifestFiles] =
      await Promise.all([
        import('../../harness/verify.js'),
        import('../../harness/device.js'),
        import('../../harness/build.js'),
        import('../../model/board.js'),
        import('../../model/model-file.js'),
        import('../../model/firmware-manifest.js'),
      ]);
    const [
      { loadDataset },
      { rawFeatures },
      { verificationLines, verificationProblem, verificationReport },
      { recordVerification },
      { combineReports, verifyAll },
    ] = await Promise.all([
      import('../../dataset/load.js'),
      import('../../model/raw-features.js'),
      import('../verification-summary.js'),
      import('../verification-record.js'),
      import('../verification-farm.js'),
    ]);
    const named = on?.split(',').map((word) => word.trim());
    named?.forEach((word) => checkDevice(word, devices.DEVICE_WORDS));
    const manifest = readManifest(directory);
    const board = findBoard(manifest.board);
    const modelFile = path.join(directory, manifestFiles.MODEL_FILE);
    const { model, hash } = readModelFile(modelFile);
    if (hash !== manifest.modelHash) {
      throw new Problem({
        kind: 'data',
        code: 'wrong-model',
        message: 'this is not the model that the folder was generated from',
        file: modelFile,
        hint: 'generate the folder again',
      });
    }
    const { features, resize } = model.input;
    const { classes, targets } = model;
    const data = await loadDataset(files, {
      label,
      header,
      reference: { features, classes, targets, resize },
      labelsOptional: true,
    });
    const raw = rawFeatures(data.values, features.length, model.input);
    const list = named ?? [devices.devicesOf(directory, board)[0]];
    if (resume !== undefined && list.length > 1) {
      const message = '--resume goes on with one session; --on names several devices';
      throw new Problem({
        kind: 'usage',
        code: 'one-session',
        message,
        hint: 'resume them one after the other',
      });
    }
    if (list.includes('serial')) {
      throw new Problem({
        kind: 'usage',
        code: 'no-port',
        message: `the ${board.name} is verified through its serial port`,
        hint: 'name the port, such as --on /dev/ttyACM0 or --on COM3',
      });
    }
    output.progress(`preparing ${list.join(', ')} …`);
    const answered = new Map<string, number>();
    const sessionsBegun = new Map<string, string>();
    context.beforeExit(() => Promise.resolve(goingOn(INTERRUPTED, [...sessionsBegun.values()])));
    const verifyOn = async (device: string): Promise<VerificationReport> => {
      const result = await harness.verifyFirmware(directory, device, model, hash, raw, data.labels, {
        toolchain,
        sessions: path.join(directory, manifestFiles.BUILD_FOLDER, 'sessions'),
        resume,
        onSession: (folder) => sessionsBegun.set(device, folder),
        onProgress: (rows) => {
          answered.set(device, rows);
          const states = [...answered].map(([name, count]) => `row ${count} of ${data.rows} on ${name}`);
          output.progress(states.join(', '));
        },
      });
      const scores = await valueScores(result.values, model, data);
      const session = sessionsBegun.get(device);
      const stoppedBy = result.stoppedBy && goingOn(result.stoppedBy, session === undefined ? [] : [session]);
      const run = { modelHash: hash, clockHz: board.clockHz, total: data.rows, scores };
      const found = verificationReport({ ...result, stoppedBy }, run);
      recordVerification(directory, found);
      return found;
    };
    const reports = await verifyAll(list, verifyOn).catch((error: unknown) => {
      throw withOtherModelNamed(error, directory);
    });
    context.beforeExit(null);
    const report = reports.length === 1 ? reports[0] : combineReports(reports);
    const lines = (colours: Colours): string[] =>
      reports.flatMap((each, k) => [...(k > 0 ? [''] : []), ...verificationLines(each, model, colours)]);
    output.result(
      report,
      lines,
      reports.map((each) => verificationLines(each, model, output.colours)[0]).join('\n'),
    );
    const problem = verificationProblem(report);
    if (problem) throw problem;
  },
});
