import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND, DATA_OPTIONS } from '../data-options.js';
import { PROGRAM_BUILDER_NAMES } from '../../harness/toolchains.js';
import { m } from '../../model/messages.js';
import { interrupted } from '../interruption.js';
import { choice, filePath, text } from '../option-spec.js';
import type { Colours } from '../output.js';

export const verify = defineCommand({
  name: 'verify',
  group: 'From data to board:',
  summary: m`prove that a board computes what the model says`,
  description: m`Sends every row to the device and compares its class or values and all raw integer outputs with the reference, bit for bit. The simulator, QEMU and the host build the folder first; a board on a port must run it already. Exit code 3 if anything differs.`,
  operands: { '<dir>': m`folder made by neurona generate`, ...DATA_OPERAND },
  groups: {
    'Device:': {
      on: text(
        m`simulator, qemu, host or a port such as /dev/ttyACM0; several between commas (default: the board's)`,
        m`<device>`,
      ),
      resume: filePath(m`go on with the interrupted session in this folder`, m`<folder>`),
      toolchain: choice(
        m`what compiles for simulator, qemu and host (default: the board's usual one)`,
        m`<name>`,
        PROGRAM_BUILDER_NAMES,
      ),
    },
    'Data:': DATA_OPTIONS,
  },
  examples: ['neurona verify firmware iris.csv', 'neurona verify firmware iris.csv --on /dev/ttyACM0'],
  async run([directory, ...files], { on, resume, toolchain, label, header }, context) {
    const { output } = context;
    const [{ goingOn, verifyProject }, { combineReports }, { verificationLines, verificationProblem }] =
      await Promise.all([
        import('../project-verification.js'),
        import('../verification-farm.js'),
        import('../verification-summary.js'),
      ]);
    const sessions = new Map<string, string>();
    context.beforeExit(() => Promise.resolve(goingOn(interrupted(), sessions)));
    const settings = { on, resume, toolchain, label, header };
    const { reports, model } = await verifyProject(directory, files, settings, {
      progress: output.progress,
      note: output.note,
      sessionBegun: (device, folder) => sessions.set(device, folder),
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
