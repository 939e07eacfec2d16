import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { listPorts } from '../harness/serial-port.js';
import { findProgram, findTool, TOOLCHAINS, TOOLS } from '../harness/toolchains.js';
import { UPLOADER_NAMES, UPLOADERS } from '../harness/uploaders.js';
import { allBoards } from '../model/board.js';
import { PACKAGE_ROOT } from '../model/package-root.js';

/** What `neurona doctor` looks at. */
export interface Check {
  /** Heading under which it is shown. */
  readonly group: 'this computer' | 'toolchains' | 'uploaders' | 'serial ports';
  readonly name: string;
  readonly purpose: string;
  readonly isFine: boolean;
  /** A usual build does not work without it. */
  readonly isNeeded: boolean;
  /** The command that mends it; null where nothing has to be mended. */
  readonly mend: string | null;
}

const NUMBERS = /(\d+)\.(\d+)/;

/** "v20.18.3" against ">=20.19" */
export function isNewEnough(version: string, wanted: string): boolean {
  const [, major, minor] = NUMBERS.exec(version) ?? [];
  const [, leastMajor, leastMinor] = NUMBERS.exec(wanted) ?? [];
  const difference = Number(major) - Number(leastMajor);
  return difference > 0 || (difference === 0 && Number(minor) >= Number(leastMinor));
}

function nodeCheck(): Check {
  const { engines } = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const isFine = isNewEnough(process.version, engines.node);
  return {
    group: 'this computer',
    name: `node ${process.version}`,
    purpose: `runs neurona, which wants ${engines.node}`,
    isFine,
    isNeeded: true,
    mend: isFine ? null : 'npx n lts',
  };
}

function toolChecks(): Check[] {
  const needed = new Set<string>(
    allBoards().flatMap(({ toolchains }) => toolchains.slice(0, 1).flatMap((name) => TOOLCHAINS[name])),
  );
  return TOOLS.map(({ name, purpose, package: debian }) => {
    const isFine = findTool(name) !== null;
    return {
      group: 'toolchains',
      name,
      purpose,
      isFine,
      isNeeded: needed.has(name),
      mend: isFine ? null : `sudo apt-get install ${debian}`,
    };
  });
}

function uploaderChecks(): Check[] {
  return UPLOADER_NAMES.map((name) => {
    const { purpose, install } = UPLOADERS[name];
    const isFine = findProgram(name) !== null;
    return { group: 'uploaders', name, purpose, isFine, isNeeded: false, mend: isFine ? null : install };
  });
}

function mayOpen(port: string): boolean {
  try {
    accessSync(port, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** On Windows a port is no file, and whoever sees one may open it. */
async function portChecks(): Promise<Check[]> {
  const ports = await listPorts().catch(() => []);
  return ports.map(({ path: port, manufacturer }) => {
    const isFine = process.platform === 'win32' || mayOpen(port);
    return {
      group: 'serial ports',
      name: port,
      purpose: manufacturer ?? 'a serial port',
      isFine,
      isNeeded: false,
      mend: isFine ? null : 'sudo usermod -a -G dialout $USER   # then log in again',
    };
  });
}

/** Everything that neurona may need of the computer, present or not. */
export async function checkUp(): Promise<Check[]> {
  return [nodeCheck(), ...toolChecks(), ...uploaderChecks(), ...(await portChecks())];
}
