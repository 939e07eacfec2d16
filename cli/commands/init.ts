import { existsSync } from 'node:fs';
import path from 'node:path';
import { inLanguage, m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { shellWords } from '../../model/shell-words.js';
import { nextProgram } from '../invocation.js';
import { choice } from '../option-spec.js';
import { rejectData } from '../../model/problem.js';
import { TEMPLATE_NAMES } from '../starter/templates.js';

export const init = defineCommand({
  name: 'init',
  group: 'From data to board:',
  summary: m`make a starter project with example data`,
  description: m`Makes a starter project: data, a configuration with its JSON Schema for editors, and a README with the next commands.`,
  operands: { '[dir]': m`folder of the project (default: this one)` },
  groups: {
    'Project:': {
      template: choice(m`what to learn (default: iris)`, m`<name>`, TEMPLATE_NAMES),
    },
  },
  examples: ['neurona init my-project', 'neurona init thermometer --template regression'],
  async run([directory = '.'], { template = 'iris' }, { output, language }) {
    const [{ makeFolder, writeFile }, { nextCommand, starterFiles }] = await Promise.all([
      import('../write-file.js'),
      import('../starter/project.js'),
    ]);
    const contents = inLanguage(language, () => starterFiles(template));
    const files = Object.keys(contents).map((name) => path.join(directory, name));
    const taken = files.find((file) => existsSync(file));
    if (taken !== undefined) {
      rejectData('exists', t`is there already; nothing was written`, {
        file: taken,
        hint: t`choose another folder: ${nextProgram()} init my-project`,
      });
    }
    makeFolder(directory);
    Object.values(contents).forEach((content, i) => writeFile(files[i], content));
    const next = `${directory === '.' ? '' : `cd ${shellWords([directory])} && `}${nextCommand(template)}`;
    output.result(
      { directory, template, files, next },
      ({ bold }) => [
        t`${bold(directory)}: a starter project, ${template}`,
        '',
        ...files.map((file) => `  ${file}`),
        '',
        t`next: ${next}`,
      ],
      t`${directory}: a starter project, ${template}`,
    );
  },
});
