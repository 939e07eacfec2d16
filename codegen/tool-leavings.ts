/**
 * What the tools that build a generated folder leave beside its files, whatever its format: a folder may have been another
 * format's before. They leave it where they are called: in the folder itself, or in one of its examples.
 */

type Fate = 'rebuilt' | 'kept';

const LEAVINGS: readonly (readonly [fate: Fate, tool: string, name: RegExp])[] = [
  // Made of the generated files: gone with them, lest anybody flashes it.
  ['rebuilt', 'neurona, idf.py, arduino-cli, Arduino IDE 2, CMake, Make', /^build$/],
  ['rebuilt', 'Arduino IDE 1.8', /\.ino\.[\w.]+\.(bin|hex)$/],
  ['rebuilt', 'pio', /^\.pio$/],
  // Settings, of which some are a person's, and what was fetched.
  ['kept', 'idf.py', /^(sdkconfig|sdkconfig\.old|dependencies\.lock|managed_components)$/],
  ['kept', 'extensions of VS Code', /^(\.vscode|\.devcontainer)$/],
  ['kept', 'clangd', /^(\.clangd|\.cache)$/],
];

/** What is to become of a file that `generate` did not write; null where no tool leaves such a one. */
export function fateOf(file: string, generated: readonly string[]): Fate | null {
  const [, project, name] = /^((?:examples\/[^/]+\/)?)([^/]+)/.exec(file)!;
  const isProject = generated.some((written) => written.startsWith(project));
  return (isProject && LEAVINGS.find(([, , pattern]) => pattern.test(name))?.[0]) || null;
}
