import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { fileReason } from '../model/file-error.js';
import { t } from '../model/messages.js';
import { uploadProgress, type UploadProgress } from './upload-progress.js';
import type { UploadCall } from './uploaders.js';

/** ESP-IDF compiles itself the first time. */
const UPLOAD_MILLISECONDS = 1_200_000;
/** Of what uploaders say of their progress, in characters. */
const LONGEST_LINE = 400;
/** How long between two looks for a port, in milliseconds, and after how many in a row that miss it the board is gone. */
const LOOK_MILLISECONDS = 250;
const MISSING_LOOKS = 4;

export interface Upload {
  readonly log: string;
  /** Null where all went well. */
  readonly failure: string | null;
  /** Whether the port went away meanwhile, for which the program was ended. */
  readonly unplugged: boolean;
}

/**
 * Runs an uploader to its end; never rejects. `lasting` is a port that stays where it is while a program is uploaded, null where
 * it may not: avrdude 7.1 waits for an answer from one that is gone until somebody ends it. The uploader ends with this process.
 */
export function runUploader(
  program: string,
  { arguments: args, cwd }: UploadCall,
  lasting: string | null,
  onProgress: (progress: UploadProgress) => void,
): Promise<Upload> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, LC_ALL: 'C' },
      timeout: UPLOAD_MILLISECONDS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    let misses = 0;
    const watch = setInterval(() => {
      misses = lasting === null || existsSync(lasting) ? 0 : misses + 1;
      if (misses >= MISSING_LOOKS) child.kill('SIGKILL');
    }, LOOK_MILLISECONDS);
    const end = (): void => void child.kill();
    process.once('exit', end);
    const finish = (failure: string | null): void => {
      clearInterval(watch);
      process.off('exit', end);
      resolve({ log: stripVTControlCharacters(log), failure, unplugged: misses >= MISSING_LOOKS });
    };
    const collect = (text: Buffer): void => {
      log += text.toString();
      const progress = uploadProgress(stripVTControlCharacters(log.slice(-LONGEST_LINE)));
      if (progress) onProgress(progress);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => finish(t`could not be started: ${fileReason(error)}`));
    child.once('close', (code, signal) =>
      finish(code === 0 ? null : signal ? t`was ended by ${signal}` : t`ended with exit code ${code}`),
    );
  });
}
