import { FORMATS, type Format } from '../../codegen/formats.js';
import { PROJECT_DEFAULTS } from '../../codegen/project-facts.js';
import { defineCommand } from '../command-spec.js';
import { choice, filePath, text, toggle } from '../option-spec.js';
import { grouped } from '../text-table.js';

export const generate = defineCommand({
  name: 'generate',
  group: 'From data to board:',
  summary: 'write the C project for a board',
  description:
    'Writes C headers, the forward pass and a project for the board, with the integer model as model.json beside ' +
    'them. A network.json is quantised on the way.',
  operands: { '<artifact>': 'network.json or model.json' },
  groups: {
    'Output:': {
      board: text('board, see neurona boards', '<id>'),
      out: filePath('folder of the project', '<dir>', 'o'),
      force: toggle('on', 'replace what an earlier run wrote beside files of yours'),
    },
    'Project:': {
      format: choice(
        "kind of project (default: the board's usual one)",
        '<format>',
        Object.keys(FORMATS) as Format[],
      ),
      name: text("prefix of all C names (default: the data's name)", '<name>'),
      constantTime: toggle('on', 'time that does not depend on the data: never skip a zero'),
    },
    'Check:': {
      prove: toggle('on', 'with Frama-C: no undefined behaviour, whatever the features'),
    },
    'Library or component:': {
      zip: toggle('on', 'also the Arduino library as <dir>.zip, to install'),
      author: text('its author', '<name>'),
      url: text('where it is published', '<url>'),
      release: text(`its version (default: ${PROJECT_DEFAULTS.version})`, '<version>'),
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
    if (options.prove ?? false) output.progress('proving that the C has no undefined behaviour …');
    const generated = await generateProject(artifact.kind === 'model' ? artifact.model : artifact.network, {
      ...options,
      board: board.id,
      out: directory,
    });
    const { warnings, ...result } = generated;
    warnings.forEach(output.warn);
    const { format, name, files, modelHash, accumulators, flashBytes, ramBytes, constantBytes, zip, proof } =
      result;
    output.result(
      result,
      ({ bold, dim }) => [
        `${bold(directory)}: ${format} for ${board.name}, C names begin with ${name}_`,
        '',
        ...files.map((file) => `  ${file}`),
        '',
        `flash         about ${grouped(flashBytes)} bytes, ${grouped(constantBytes)} of them constants ${dim('(estimate)')}`,
        `RAM           about ${grouped(ramBytes)} bytes, with the stack`,
        `accumulators  ${accumulators.join(', ')} bits, by layer`,
        `model         ${dim(modelHash.slice(0, 16))}`,
        ...(zip === null ? [] : [`zip           ${zip}`]),
        ...(proof
          ? [`proven        ${proof.statements} statements without undefined behaviour, by Frama-C`]
          : []),
        '',
        format === 'c' || board.runs[0] !== 'serial'
          ? `next: neurona verify ${directory} DATA --on ${format === 'c' ? 'host' : board.runs[0]}`
          : `next: put it on the board, then neurona verify ${directory} DATA --on PORT`,
      ],
      `${directory}: ${format} for ${board.name}, C names begin with ${name}_`,
    );
  },
});
