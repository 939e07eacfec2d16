import { defineCommand } from '../command-spec.js';
import { Problem } from '../../model/problem.js';
import type { Check } from '../checkup.js';
import type { Colours } from '../output.js';
import { textTable } from '../text-table.js';

function state({ isFine, isNeeded, group }: Check, { green, red, yellow }: Colours): string {
  if (isFine) return green('fine');
  if (group === 'serial ports') return yellow('denied');
  return isNeeded ? red('missing') : yellow('optional');
}

/** Each group with its checks, and for whatever is not fine the command that mends it. */
function checkLines(checks: readonly Check[], colours: Colours): string[] {
  const { bold, dim } = colours;
  const groups = [...new Set(checks.map(({ group }) => group))];
  const rows = groups.flatMap((group) => [
    [bold(group)],
    ...checks
      .filter((check) => check.group === group)
      .map((check) => [`  ${check.name}`, state(check, colours), dim(check.purpose)]),
  ]);
  const width = Math.max(...checks.filter(({ mend }) => mend !== null).map(({ name }) => name.length), 0);
  const mends = checks.flatMap(({ name, mend }) =>
    mend === null ? [] : [`  ${name.padEnd(width)}  ${mend}`],
  );
  return [
    ...textTable(rows, ['left']),
    '',
    ...(mends.length === 0
      ? ['nothing is missing']
      : [bold('to mend it (programs: on Debian or Ubuntu)'), ...mends]),
  ];
}

export const doctor = defineCommand({
  name: 'doctor',
  group: 'About this installation:',
  summary: 'what is installed, what is missing, and how to get it',
  description:
    'Looks at Node, compilers, simulators, uploaders and the permissions of serial ports, and names the command that ' +
    'mends each. Exit code 4 if something that a usual build needs is missing.',
  examples: ['neurona doctor'],
  async run(_operands, _options, { output }) {
    const [{ checkUp }, { TOOLS, findTool }, { TOOL_VERSION }] = await Promise.all([
      import('../checkup.js'),
      import('../../harness/toolchains.js'),
      import('../../model/package-root.js'),
    ]);
    const checks = await checkUp();
    const missing = TOOLS.filter(({ name }) => findTool(name) === null);
    const packages = [...new Set(missing.map((tool) => tool.package))];
    const install = packages.length > 0 ? `sudo apt-get install ${packages.join(' ')}` : null;
    const { version: node, platform, arch } = process;
    output.result(
      { neurona: TOOL_VERSION, node, platform: `${platform}-${arch}`, checks, install },
      (colours) => [
        `neurona ${TOOL_VERSION}, node ${node}, ${platform}-${arch}`,
        '',
        ...checkLines(checks, colours),
      ],
    );
    const required = checks.filter(({ isNeeded, isFine }) => isNeeded && !isFine);
    if (required.length > 0) {
      throw new Problem({
        kind: 'toolchain',
        code: 'missing-tool',
        message: `missing: ${required.map(({ name }) => name).join(', ')}`,
        hint: install ?? required[0].mend ?? undefined,
      });
    }
  },
});
