import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** What a program's name may end with in its file: on Windows what PATHEXT says, elsewhere nothing. */
const endings = (): string[] =>
  process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];

/** Where a program lies on the PATH, or null. */
export function findProgram(name: string): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const files = folders.flatMap((folder) => endings().map((ending) => path.join(folder, name + ending)));
  return files.find(isProgram) ?? null;
}
