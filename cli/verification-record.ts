import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BUILD_FOLDER } from '../model/firmware-manifest.js';
import { Problem } from '../model/problem.js';
import type { VerificationReport } from './verification-summary.js';
import { makeFolder, writeFile } from './write-file.js';

/** What the last `neurona verify` on each device found, kept beside the build it belongs to, for `neurona report`. */

const NAME = /^verification-.*\.json$/;

const folderOf = (directory: string): string => path.join(directory, BUILD_FOLDER);

/** Keeps a report; a folder that cannot be written to costs only the record of it. Returns whether it was kept. */
export function recordVerification(directory: string, report: VerificationReport): boolean {
  const device = report.on.replace(/[^\w-]+/g, '-').replace(/^-/, '');
  try {
    makeFolder(folderOf(directory));
    writeFile(path.join(folderOf(directory), `verification-${device}.json`), `${JSON.stringify(report)}\n`);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** Every report that was kept; one that is damaged counts as none. */
export function readVerifications(directory: string): VerificationReport[] {
  const folder = folderOf(directory);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => NAME.test(name));
  return names.sort().flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as VerificationReport];
    } catch {
      return [];
    }
  });
}
