import { execFile } from 'node:child_process';
import { fileReason } from '../model/file-error.js';
import { t } from '../model/messages.js';

/** One call of a compiler or another program. */
export interface Call {
  readonly program: string;
  /** Where the program lies; null leaves it to the PATH. */
  readonly file: string | null;
  readonly arguments: readonly string[];
  /** The folder to run in. */
  readonly cwd: string;
  readonly milliseconds: number;
}

export interface StepOutcome {
  readonly stdout: string;
  readonly stderr: string;
  /** The command, and why it could not run to its end if so. */
  readonly command: string;
  readonly failed: boolean;
}

/** Runs a program to its end, which it must reach in time; never rejects. */
export function runCall(call: Call): Promise<StepOutcome> {
  const { program, file, cwd, milliseconds } = call;
  const args = [...call.arguments];
  const options = {
    cwd,
    timeout: milliseconds,
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C' },
  };
  return new Promise((resolve) => {
    execFile(file ?? program, args, options, (error, stdout, stderr) => {
      const late = error?.killed
        ? `error: ${t`${program} did not end within ${milliseconds / 1000} s`}\n`
        : '';
      const unstarted =
        error && typeof error.code === 'string' ? `error: ${program}: ${fileReason(error)}\n` : '';
      const command = `$ ${program} ${args.join(' ')}\n${late}${unstarted}`;
      resolve({ stdout, stderr, command, failed: error !== null });
    });
  });
}
