import { readFileSync } from 'node:fs';
import path from 'node:path';
import { mayOpen, permissionMend } from '../harness/port-permission.js';
import { listPorts } from '../harness/serial-port.js';
import {
  detectSystem,
  installCommand,
  SYSTEMS,
  type PackageName,
  type SystemName,
} from '../harness/packages.js';
import { findProgram } from '../harness/find-program.js';
import { findTool, TOOLCHAINS, TOOLS } from '../harness/toolchains.js';
import { UPLOADER_NAMES, UPLOADERS } from '../harness/uploaders.js';
import { allBoards } from '../model/board.js';
import { say, t } from '../model/messages.js';
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
  /** The command that mends it on this system, or in words that there is none; null where nothing has to be mended. */
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

/** `n` replaces a distribution's older Node; it knows no Windows. */
const NODE_INSTALLERS: Readonly<Record<SystemName, string>> = {
  debian: 'npx n lts',
  fedora: 'npx n lts',
  arch: 'sudo pacman -S nodejs',
  macos: 'brew install node',
  windows: 'winget install OpenJS.NodeJS.LTS',
};

function nodeCheck(): Check {
  const { engines } = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const isFine = isNewEnough(process.version, engines.node);
  return {
    group: 'this computer',
    name: `node ${process.version}`,
    purpose: t`runs neurona, which wants ${engines.node}`,
    isFine,
    isNeeded: true,
    mend: isFine ? null : NODE_INSTALLERS[detectSystem()],
  };
}

/** The command that installs a package here, or in words that nobody packages it. */
const mendOf = (source: PackageName): string =>
  installCommand([source]) ?? t`there is no package of it for ${say(SYSTEMS[detectSystem()].name)}`;

function toolChecks(): Check[] {
  const needed = new Set<string>(
    allBoards().flatMap(({ toolchains }) => toolchains.slice(0, 1).flatMap((name) => TOOLCHAINS[name])),
  );
  return TOOLS.map(({ name, purpose, package: source }) => {
    const isFine = findTool(name) !== null;
    return {
      group: 'toolchains',
      name,
      purpose: say(purpose),
      isFine,
      isNeeded: needed.has(name),
      mend: isFine ? null : mendOf(source),
    };
  });
}

function uploaderChecks(): Check[] {
  return UPLOADER_NAMES.map((name) => {
    const { purpose, package: source } = UPLOADERS[name];
    const isFine = findProgram(name) !== null;
    return {
      group: 'uploaders',
      name,
      purpose: say(purpose),
      isFine,
      isNeeded: false,
      mend: isFine ? null : mendOf(source),
    };
  });
}

async function portChecks(): Promise<Check[]> {
  const ports = await listPorts().catch(() => []);
  return ports.map(({ path: port, manufacturer }) => {
    const isFine = mayOpen(port);
    return {
      group: 'serial ports',
      name: port,
      purpose: manufacturer ?? t`a serial port`,
      isFine,
      isNeeded: false,
      mend: isFine ? null : permissionMend(port),
    };
  });
}

/** Everything that neurona may need of the computer, present or not. */
export async function checkUp(): Promise<Check[]> {
  return [nodeCheck(), ...toolChecks(), ...uploaderChecks(), ...(await portChecks())];
}
