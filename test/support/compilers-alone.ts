import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { findTool, TOOLCHAINS } from '../../harness/toolchains.js';

/** A new folder below `parent` for a PATH with nothing but compilers on it: this machine may have uploaders of its own. */
export function compilersAlone(parent: string): string {
  const folder = path.join(parent, 'compilers');
  mkdirSync(folder);
  for (const name of [...TOOLCHAINS['arduino-core'], 'gcc'] as const) {
    const tool = findTool(name);
    if (tool !== null && path.basename(tool) === name) symlinkSync(tool, path.join(folder, name));
  }
  return folder;
}
