import { defineCommand } from '../command-spec.js';
import { Problem } from '../../model/problem.js';
import { textTable } from '../text-table.js';

export const doctor = defineCommand({
  name: 'doctor',
  group: 'About this installation:',
  summary: 'what is installed, what is missing, and how to get it',
  description:
    'Lists the programs that neurona starts. Exit code 4 if one that a usual build needs is missing.',
  examples: ['neurona doctor'],
  async run(_operands, _options, { output }) {
    const [
      { TOOLS, TOOLCHAINS, findTool },
      { UPLOADERS, UPLOADER_NAMES },
      { findUploader },
      { allBoards },
      { TOOL_VERSION },
    ] = await Promise.all([
      import('../../harness/toolchains.js'),
      import('../../harness/uploaders.js'),
      import('../../harness/flash.js'),
      import('../../model/board.js'),
      import('../../model/package-root.js'),
    ]);
    const needed = new Set<string>(
      allBoards().flatMap(({ toolchains }) => toolchains.slice(0, 1).flatMap((name) => TOOLCHAINS[name])),
    );
    const tools = TOOLS.map((tool) => ({
      name: tool.name,
      package: tool.package,
      purpose: tool.purpose,
      needed: needed.has(tool.name),
      path: findTool(tool.name),
    }));
    const uploaders = UPLOADER_NAMES.map((name) => {
      const { purpose, install } = UPLOADERS[name];
      return { name, purpose, install, path: findUploader(name) };
    });
    const missing = tools.filter((tool) => tool.path === null);
    const packages = [...new Set(missing.map((tool) => tool.package))];
    const install = packages.length > 0 ? `sudo apt-get install ${packages.join(' ')}` : null;
    const { version: node, platform, arch } = process;
    const result = {
      neurona: TOOL_VERSION,
      node,
      platform: `${platform}-${arch}`,
      tools,
      uploaders,
      install,
    };
    output.result(result, ({ bold, green, red, yellow, dim }) => [
      `neurona ${TOOL_VERSION}, node ${node}, ${platform}-${arch}`,
      '',
      ...textTable(
        [
          ['', 'tool', 'for'].map(bold),
          ...tools.map((tool) => [
            tool.path !== null ? green('found') : tool.needed ? red('missing') : yellow('missing, optional'),
            tool.name,
            dim(tool.purpose),
          ]),
          ...uploaders.map(({ name, purpose, install, path }) => [
            path !== null ? green('found') : yellow('missing, optional'),
            name,
            dim(path !== null ? purpose : `${purpose}: ${install}`),
          ]),
        ],
        ['left'],
      ),
      '',
      install === null
        ? 'nothing that neurona itself builds with is missing'
        : `to install what is missing (Debian, Ubuntu): ${install}`,
    ]);
    const required = missing.filter((tool) => tool.needed);
    if (required.length > 0) {
      throw new Problem({
        kind: 'toolchain',
        code: 'missing-tool',
        message: `missing: ${required.map((tool) => tool.name).join(', ')}`,
        hint: install ?? undefined,
      });
    }
  },
});
