import type { Board } from '../model/board.js';
import type { FirmwareManifest } from '../model/firmware-manifest.js';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { hasCompiler, installCompiler } from './compile-model.js';
import { installCommand } from './packages.js';
import { FORMAT_TOOLS } from './project-tools.js';
import { isInstalled, isProjectTool, PROJECT_TOOLS, requireTools, TOOLCHAINS } from './toolchains.js';
import type { BuilderName, ProjectToolName } from './toolchains.js';

/** Which of the programs that build is to build a folder. */

/** What can build a folder, the usual one first. A folder of plain C holds a program for this computer. */
function buildersOf({ format }: FirmwareManifest, { toolchains, core }: Board): BuilderName[] {
  const bare = core === 'portable' ? [] : (['bare'] as const);
  if (format === 'c') return ['gcc', ...bare];
  const tool = FORMAT_TOOLS[format];
  return [...toolchains, ...(tool === undefined ? [] : [tool]), ...bare];
}

const toolHint = (tool: ProjectToolName): string => {
  const name = PROJECT_TOOLS[tool].package;
  return installCommand([name]) ?? name;
};

/** Throws a `Problem` that names what a builder lacks, and the command that installs it. */
function requireBuilder(name: BuilderName, board: Board, other: BuilderName | undefined): void {
  if (name === 'bare') {
    throw new Problem({
      kind: 'toolchain',
      code: 'missing-tool',
      message: t`missing: ${board.compiler.program}`,
      hint: installCompiler(board),
    });
  }
  if (!isProjectTool(name)) return requireTools(TOOLCHAINS[name]);
  const { purpose } = PROJECT_TOOLS[name];
  throw new Problem({
    kind: 'toolchain',
    code: 'missing-tool',
    message: t`missing: ${name} (${purpose})`,
    hint: other === undefined ? toolHint(name) : t`${toolHint(name)}; or build with --toolchain ${other}`,
  });
}

/**
 * What was asked for, else the first that is installed, else the usual one. Throws a `Problem`: `wrong-toolchain` (kind
 * usage), `missing-tool` (kind toolchain).
 */
export function chooseBuilder(
  directory: string,
  manifest: FirmwareManifest,
  board: Board,
  wanted: BuilderName | undefined,
): BuilderName {
  const builders = buildersOf(manifest, board);
  const isThere = (name: BuilderName): boolean => (name === 'bare' ? hasCompiler(board) : isInstalled(name));
  // Where neurona builds programs itself, somebody waits for one to run.
  const isEnough = (name: BuilderName): boolean =>
    name !== 'bare' || (manifest.format !== 'c' && board.toolchains.length === 0);
  const chosen = wanted ?? builders.find((name) => isThere(name) && isEnough(name)) ?? builders[0];
  if (!builders.includes(chosen)) {
    const message = t`${chosen} does not build this folder; these do: ${builders.join(', ')}`;
    throw new Problem({ kind: 'usage', code: 'wrong-toolchain', message, file: directory });
  }
  if (!isThere(chosen)) {
    const other = builders.find((name) => name !== 'bare' && isThere(name));
    requireBuilder(chosen, board, other);
  }
  return chosen;
}

/** What would make a program of a folder, where nothing installed does, and the command that installs it. */
export function missingTool(
  { format }: FirmwareManifest,
  { toolchains }: Board,
): { tool: string; install: string } | null {
  const tool = FORMAT_TOOLS[format];
  if (tool === undefined || [...toolchains, tool].some(isInstalled)) return null;
  return { tool, install: toolHint(tool) };
}
