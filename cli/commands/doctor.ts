import { m, say, t, type Message } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { Problem } from '../../model/problem.js';
import type { Check } from '../checkup.js';
import type { Colours } from '../output.js';
import { textTable } from '../text-table.js';

const GROUPS: Readonly<Record<Check['group'], Message>> = {
  'this computer': m`this computer`,
  toolchains: m`toolchains`,
  uploaders: m`uploaders`,
  'serial ports': m`serial ports`,
};

function state({ isFine, isNeeded, group }: Check, { green, red, yellow }: Colours): string {
  if (isFine) return green(t`fine`);
  if (group === 'serial ports') return yellow(t`denied`);
  return isNeeded ? red(t`missing`) : yellow(t`optional`);
}

/** Each group with its checks, and for whatever is not fine the command that mends it. */
function checkLines(checks: readonly Check[], system: string, colours: Colours): string[] {
  const { bold, dim } = colours;
  const groups = [...new Set(checks.map(({ group }) => group))];
  const rows = groups.flatMap((group) => [
    [bold(say(GROUPS[group]))],
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
    ...(mends.length === 0 ? [t`nothing is missing`] : [bold(t`to mend it on ${system}`), ...mends]),
  ];
}

export const doctor = defineCommand({
  name: 'doctor',
  group: 'About this installation:',
  summary: m`what is installed, what is missing, and how to get it`,
  description: m`Looks at Node, compilers, simulators, uploaders and the permissions of serial ports, and names the command that mends each. Exit code 4 if something that a usual build needs is missing.`,
  examples: ['neurona doctor'],
  async run(_operands, _options, { output }) {
    const [{ checkUp }, { detectSystem, installCommand, SYSTEMS }, { TOOLS, findTool }, { TOOL_VERSION }] =
      await Promise.all([
        import('../checkup.js'),
        import('../../harness/packages.js'),
        import('../../harness/toolchains.js'),
        import('../../model/package-root.js'),
      ]);
    const checks = await checkUp();
    const missing = TOOLS.filter(({ name }) => findTool(name) === null);
    const install = installCommand(missing.map((tool) => tool.package));
    const { version: node, platform, arch } = process;
    output.result(
      { neurona: TOOL_VERSION, node, platform: `${platform}-${arch}`, checks, install },
      (colours) => [
        `neurona ${TOOL_VERSION}, node ${node}, ${platform}-${arch}`,
        '',
        ...checkLines(checks, say(SYSTEMS[detectSystem()].name), colours),
      ],
    );
    const required = checks.filter(({ isNeeded, isFine }) => isNeeded && !isFine);
    const tools = missing.filter((tool) => required.some(({ name }) => name === tool.name));
    if (required.length > 0) {
      throw new Problem({
        kind: 'toolchain',
        code: 'missing-tool',
        message: t`missing: ${required.map(({ name }) => name).join(', ')}`,
        hint: installCommand(tools.map((tool) => tool.package)) ?? required[0].mend ?? undefined,
      });
    }
  },
});
