import { execFile } from 'node:child_process';
import path from 'node:path';
import { PACKAGE_ROOT } from '../../model/package-root.js';
import { unoOnPort } from '../support/uno-on-port.js';

/** What a document's commands do: runs them as a reader would who has an Uno on /dev/ttyACM0. */

export interface Printed {
  readonly text: string;
  readonly code: number;
}

/** Runs commands one after the other, beginning in `folder`, with the `neurona` of the package in `root`. */
export async function runCommands(
  commands: readonly string[],
  folder: string,
  root: string = PACKAGE_ROOT,
): Promise<Printed[]> {
  const uno = commands.some((command) => command.includes(PORT)) ? await unoOnPort(folder) : null;
  try {
    const shell = path.join(import.meta.dirname, 'shell.mjs');
    const env = {
      ...process.env,
      PATH: `${uno ? `${uno.bin}${path.delimiter}` : ''}${process.env.PATH}`,
      LANG: 'C.UTF-8',
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
    };
    const printed = await new Promise<string>((resolve, reject) => {
      const options = { cwd: folder, encoding: 'utf8', env, maxBuffer: 1 << 26 } as const;
      const child = execFile(process.execPath, [shell, root], options, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
      child.stdin!.end(JSON.stringify(commands.map((command) => command.replace(PORT, uno?.port ?? PORT))));
    });
    return JSON.parse(printed) as Printed[];
  } finally {
    uno?.stop();
  }
}

const PORT = '/dev/ttyACM0';
