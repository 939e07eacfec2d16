import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { t } from '../model/messages.js';

/** Who may open a serial port, and what has to be typed so that this user may. */

/** On Windows a port is no file, and whoever sees one may open it. */
export function mayOpen(port: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    accessSync(port, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export interface PortOwner {
  /** Permission bits of the port's file. */
  readonly mode: number;
  readonly gid: number;
  /** As in group(5): name, password, gid and members of each group in a line. */
  readonly groups: string;
  readonly user: string;
}

function ownerOf(port: string): PortOwner | null {
  try {
    const { mode, gid } = statSync(port);
    return { mode, gid, groups: readFileSync('/etc/group', 'utf8'), user: userInfo().username };
  } catch {
    return null;
  }
}

const GROUP_MAY = 0o060;

/**
 * The command by which this user may open a port, with what else there is to do as the shell's comment. The group that may
 * is that of the port's file: dialout, uucp on Arch. A member who still may not has logged in before becoming one.
 * Where no group may, as on macOS and in many containers, the file itself has to be changed.
 */
export function permissionMend(port: string, owner = ownerOf(port)): string {
  const group = owner?.groups
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , gid]) => gid === String(owner.gid));
  if (!owner || !group || owner.gid === 0 || (owner.mode & GROUP_MAY) !== GROUP_MAY)
    return `sudo chmod a+rw ${port}   # ${t`until it is plugged in again`}`;
  const [name, , , members = ''] = group;
  return members.split(',').includes(owner.user)
    ? `newgrp ${name}   # ${t`or log out and in again: you are in that group since then`}`
    : `sudo usermod -a -G ${name} $USER   # ${t`then log out and in again`}`;
}
