import { existsSync } from 'node:fs';
import { boardName } from '../board-name.js';
import { FORMATS, type Format } from '../../codegen/formats.js';
import { PROJECT_DEFAULTS } from '../../codegen/project-facts.js';
import { m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { nextProgram } from '../invocation.js';
import { choice, filePath, text, toggle } from '../option-spec.js';
import { shellWords } from '../../model/shell-words.js';
import { coreText } from '../estimate-lines.js';
import { grouped, textTable } from '../text-table.js';

/** The rows to verify with, where the network's own lie in this folder: those apart from its training, if they have a file. */
async function dataWords(training: Readonly<Record<string, unknown>>): Promise<string> {
  const { recordedSource } = await import('../recorded-source.js');
  const source = recordedSource(training);
  const files = source === null ? [] : source.test ? [source.test.file] : source.files;
  return files.length > 0 && files.every((file) => existsSync(file)) ? shellWords(files) : t`DATA`;
}

export const generate = defineCommand({
  name: 'generate',
  group: 'From data to board:',
  summary: m`write the C project for a board`,
  description: m`Writes C headers, the forward pass and a project for the board, with the integer model as model.json beside them. A network.json is quantised on the way.`,
  operands: { '<artifact>': m`network.json or model.json` },
  groups: {
    'Output:': {
      board: text(m`board, see neurona boards`, m`<id>`),
      out: filePath(m`folder of the project`, m`<dir>`, 'o'),
      force: toggle('on', m`replace what an earlier run wrote beside files of yours`),
    },
    'Project:': {
      format: choice(
        m`kind of project (default: the board's usual one)`,
        m`<format>`,
        Object.keys(FORMATS) as Format[],
      ),
      name: text(m`prefix of all C names (default: the data's name)`, m`<name>`),
      platform: text(m`PlatformIO's platform (default: the board's)`, m`<platform>`),
      constantTime: toggle('on', m`time that does not depend on the data: never skip a zero`),
    },
    'Check:': {
      prove: toggle('on', m`with Frama-C: no undefined behaviour, whatever the features`),
    },
    'Library or component:': {
      zip: toggle('on', m`also the Arduino library as <dir>.zip, to install`),
      author: text(m`its author`, m`<name>`),
      url: text(m`where it is published`, m`<url>`),
      release: text(m`its version (default: ${PROJECT_DEFAULTS.version})`, m`<version>`),
    },
  },
  required: ['board', 'out'],
  examples: [
    'neurona generate network.json --board uno -o firmware',
    'neurona generate model.json --board esp32-s3 --format esp-idf -o iris',
    'neurona generate model.json --format arduino-library --zip -o iris',
    'neurona generate model.json --board host --name iris -o lib',
  ],
  async run([artifactFile], options, { output }) {
    const [{ readNetworkOrModel }, { generateProject }, { findBoard }] = await Promise.all([
      import('../artifacts.js'),
      import('../project-generation.js'),
      import('../../model/board.js'),
    ]);
    const directory = options.out as string;
    const board = findBoard(options.board as string);
    const artifact = readNetworkOrModel(artifactFile);
    const data = artifact.kind === 'network' ? await dataWords(artifact.network.training) : t`DATA`;
    if (options.prove ?? false) output.progress(t`proving that the C has no undefined behaviour …`);
    const generated = await generateProject(artifact.kind === 'model' ? artifact.model : artifact.network, {
      ...options,
      board: board.id,
      out: directory,
    });
    const { warnings, ...result } = generated;
    warnings.forEach(output.warn);
    const {
      format,
      name,
      files,
      modelHash,
      accumulators,
      flashBytes,
      ramBytes,
      withArduinoCore,
      constantBytes,
      zip,
      proof,
    } = result;
    output.result(
      result,
      ({ bold, dim }) => [
        t`${bold(directory)}: ${format} for ${boardName(board)}, C names begin with ${name}_`,
        '',
        ...files.map((file) => `  ${file}`),
        '',
        ...textTable(
          [
            [
              t`flash`,
              `${t`about ${grouped(flashBytes)} bytes, ${grouped(constantBytes)} of them constants`} ${dim(t`(estimate)`)}`,
            ],
            [t`RAM`, t`about ${grouped(ramBytes)} bytes, with the stack`],
            ...(withArduinoCore ? [[t`Arduino IDE`, coreText(withArduinoCore)]] : []),
            [t`accumulators`, t`${accumulators.join(', ')} bits, by layer`],
            [t`model`, dim(modelHash.slice(0, 16))],
            ...(zip === null ? [] : [['zip', zip]]),
            ...(proof
              ? [[t`proven`, t`${proof.statements} statements without undefined behaviour, by Frama-C`]]
              : []),
          ],
          ['left'],
        ),
        '',
        format === 'c' || board.runs[0] !== 'serial'
          ? t`next: ${nextProgram()} verify ${shellWords([directory])} ${data} --on ${format === 'c' ? 'host' : board.runs[0]}`
          : t`next: put it on the board, then ${nextProgram()} verify ${shellWords([directory])} ${data} --on PORT`,
      ],
      t`${directory}: ${format} for ${boardName(board)}, C names begin with ${name}_`,
    );
  },
});
