import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from '../command-spec.js';
import { rejectData } from '../../model/problem.js';
import { PACKAGE_ROOT } from '../../model/package-root.js';

const CONFIG = `{
  "seed": 1,
  "train": { "hidden": [8], "out": "network.json" },
  "generate": { "board": "uno", "out": "firmware" }
}
`;

const README = `# Iris on an Arduino Uno

Three kinds of iris, told apart by four lengths. \`iris.csv\` has a header, 150 rows, and the class in its last
column, \`species\`. Options stand in \`neurona.config.json\`; a flag wins over the file.

    neurona train iris.csv             # fit a network: network.json
    neurona generate network.json      # C for the board: firmware/
    neurona verify firmware iris.csv   # run every row on a simulated Uno and compare every bit

With a board on a port:

    neurona flash firmware --port /dev/ttyACM0        # with avrdude; or upload firmware/firmware.ino with the Arduino IDE
    neurona verify firmware iris.csv --on /dev/ttyACM0

To use your own data, put its CSV here and name it instead of \`iris.csv\`: one row per line, numbers, and the class
in the last column, or in the one that \`--label\` names.
\`neurona doctor\` says which compilers are missing.
`;

export const init = defineCommand({
  name: 'init',
  group: 'From data to board:',
  summary: 'make a starter project with example data',
  operands: { '[dir]': 'folder of the project (default: this one)' },
  examples: ['neurona init my-project'],
  async run([directory = '.'], _options, { output }) {
    const { makeFolder, writeFile } = await import('../write-file.js');
    const { CONFIG_FILE } = await import('../config.js');
    const contents: Readonly<Record<string, string>> = {
      'iris.csv': readFileSync(path.join(PACKAGE_ROOT, 'examples', 'iris', 'iris.csv'), 'utf8'),
      [CONFIG_FILE]: CONFIG,
      'README.md': README,
    };
    const files = Object.keys(contents).map((name) => path.join(directory, name));
    const taken = files.find((file) => existsSync(file));
    if (taken !== undefined) {
      rejectData('exists', 'is there already; nothing was written', {
        file: taken,
        hint: 'choose another folder: neurona init my-project',
      });
    }
    makeFolder(directory);
    Object.values(contents).forEach((content, i) => writeFile(files[i], content));
    output.result(
      { directory, files },
      ({ bold }) => [
        `${bold(directory)}: a starter project`,
        '',
        ...files.map((file) => `  ${file}`),
        '',
        `next: ${directory === '.' ? '' : `cd ${directory} && `}neurona train iris.csv`,
      ],
      `${directory}: a starter project`,
    );
  },
});
