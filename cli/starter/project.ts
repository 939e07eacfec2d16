import { jsonText } from '../../model/json-text.js';
import { say, t } from '../../model/messages.js';
import { Problem } from '../../model/problem.js';
import { COMMANDS } from '../command-table.js';
import { configSchema } from '../config-schema.js';
import { nextProgram } from '../invocation.js';
import { CONFIG_FILE, SCHEMA_KEY } from '../config.js';
import { brokenAtBlanks } from '../wrap.js';
import { TEMPLATE_NAMES, TEMPLATES, type Template, type TemplateName } from './templates.js';

const README_WIDTH = 80;
const SCHEMA_FILE = 'neurona.schema.json';

/** The commands of a project, in their order and as this program was called, with what each does. */
function steps({ data, verify = data, also }: Template): [command: string, does: string][] {
  const commands: [command: string, does: string][] = [
    [`train ${data}`, t`fit a network: network.json`],
    ...(also ? [[also[0], say(also[1])] as [string, string]] : []),
    ['generate network.json', t`C for the board: firmware/`],
    [`verify firmware ${verify}`, t`every row on a simulated Uno, every bit compared`],
    ['report firmware', t`plots of all of it: report.html`],
  ];
  return commands.map(([command, does]) => [`${nextProgram()} ${command}`, does]);
}

const prose = (text: string): string[] => brokenAtBlanks(text, README_WIDTH);

function readme(name: string, template: Template): string {
  const { about, data, rows, fetch, verify = data } = template;
  const program = nextProgram();
  return [
    t`# ${name} on an Arduino Uno`,
    '',
    ...prose(say(about)),
    '',
    ...(fetch ? [t`Fetch the data first (in PowerShell as \`curl.exe\`):`, '', `    ${fetch}`, ''] : []),
    ...prose(
      t`Options stand in \`${CONFIG_FILE}\`, which editors complete by \`${SCHEMA_FILE}\`; a flag wins over the file.`,
    ),
    '',
    ...steps(template).flatMap(([command, does]) => [`    # ${does}`, `    ${command}`]),
    '',
    t`With a board on a port:`,
    '',
    `    ${program} flash firmware --port /dev/ttyACM0`,
    `    ${program} verify firmware ${verify} --on /dev/ttyACM0`,
    '',
    ...(rows
      ? [
          ...prose(
            t`To use your own data, put its CSV here and name it instead of \`${data}\`: one row per line, numbers, and what to learn in the last column, or in the one that \`--label\` names.`,
          ),
          '',
        ]
      : []),
    t`\`${program} doctor\` says which compilers are missing.`,
    '',
  ].join('\n');
}

/** Every file of a starter project: its name and what it holds. Throws a usage `Problem` for a template that is not known. */
export function starterFiles(name: TemplateName): Readonly<Record<string, string>> {
  if (!Object.hasOwn(TEMPLATES, name)) {
    const message = t`there is no template ${JSON.stringify(name)}; expected one of ${TEMPLATE_NAMES.join(', ')}`;
    throw new Problem({ kind: 'usage', code: 'unknown-template', message });
  }
  const template: Template = TEMPLATES[name];
  const { board, train, data, rows } = template;
  const config = {
    [SCHEMA_KEY]: `./${SCHEMA_FILE}`,
    seed: 1,
    train: { ...train, out: 'network.json' },
    generate: { board, out: 'firmware' },
  };
  return {
    ...(rows && { [data]: rows() }),
    [CONFIG_FILE]: jsonText(config),
    [SCHEMA_FILE]: jsonText(configSchema(COMMANDS)),
    'README.md': readme(name, template),
  };
}

/** What to type first in the new project. */
export function nextCommand(name: TemplateName): string {
  const template: Template = TEMPLATES[name];
  return template.fetch ?? steps(template)[0][0];
}
