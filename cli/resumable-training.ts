import { existsSync, rmSync } from 'node:fs';
import { t } from '../model/messages.js';
import type { ProblemDetails } from '../model/problem.js';
import { checkpointFileOf, checkpointText, epochsOf } from './checkpoint-text.js';
import type { Context } from './command-spec.js';
import { interrupted } from './interruption.js';
import { programName } from './invocation.js';
import { isSameRun, type RunIdentity } from './run-identity.js';
import { shellWords } from '../model/shell-words.js';
import { withOption } from './shell-words.js';
import { startTraining, type TrainingState } from './training-thread.js';
import type { Training, TrainSettings } from './training.js';
import { checkWritable, writeFile } from './write-file.js';

/** Against power cuts and `kill -9`; Ctrl-C saves whatever the time. */
const CHECKPOINT_MILLISECONDS = 60_000;

/** What an earlier attempt left: whose it is and how far it came; null without one. */
async function readEarlier(file: string): Promise<{ run: RunIdentity; epochs: number } | null> {
  if (!existsSync(file)) return null;
  const { readCheckpoint } = await import('./checkpoint-file.js');
  try {
    const { run, state } = readCheckpoint(file);
    return { run, epochs: epochsOf(state) };
  } catch {
    return null; // damaged: worth nothing to anybody
  }
}

export interface FinishedTraining {
  readonly training: Training;
  /** For when the network is written, so that there is always one of both. */
  readonly removeCheckpoint: () => void;
}

/**
 * Trains with a checkpoint beside the artefact: once a minute, and when the user interrupts, who is told how to
 * continue. Throws the `Problem`s of training, and those of a checkpoint that could not be written.
 */
export async function trainResumably(
  artifact: string,
  files: readonly string[],
  settings: TrainSettings,
  { seed, output, words, beforeExit }: Context,
): Promise<FinishedTraining> {
  const file = checkpointFileOf(artifact);
  const command = withOption(words, '--resume', file);
  checkWritable(file, 'checkpoint');
  if (settings.resume === undefined && existsSync(file)) {
    output.warn(t`${file} is there, of an unfinished run: add --resume ${file} to continue that one`);
  }

  const earlier = await readEarlier(file);
  const earlierEpochs = (run: RunIdentity): number =>
    earlier && isSameRun(earlier.run, run) ? earlier.epochs : 0;
  let lastWritten = performance.now();
  let hasWritten = false;

  /** Training anew never replaces the checkpoint of an earlier attempt at the same that came further. */
  function writeCheckpoint({ run, state }: TrainingState): number {
    const [before, epochs] = [earlierEpochs(run), epochsOf(state)];
    if (before < epochs) {
      writeFile(file, checkpointText({ command, run, state }));
      hasWritten = true;
    }
    lastWritten = performance.now();
    return Math.max(before, epochs);
  }

  const thread = startTraining({ files, settings, seed }, output, (state) => {
    if (performance.now() - lastWritten < CHECKPOINT_MILLISECONDS) return;
    try {
      writeCheckpoint(state);
    } catch (error) {
      lastWritten = performance.now();
      output.warn(`${file}: ${t`no checkpoint: ${(error as Error).message}`}`);
    }
  });

  beforeExit(async (): Promise<ProblemDetails> => {
    const state = await thread.stop();
    if (!state) {
      const again = settings.resume && t`continue with: ${programName()} ${shellWords(words)}`;
      return { ...interrupted(), message: t`interrupted before the end of an epoch`, hint: again };
    }
    const at = t`interrupted after epoch ${epochsOf(state.state)} of ${state.epochs}`;
    try {
      const epochs = writeCheckpoint(state);
      const message = t`${at}; the checkpoint is that of epoch ${epochs}`;
      return {
        ...interrupted(),
        file,
        message,
        hint: t`continue with: ${programName()} ${shellWords(command)}`,
      };
    } catch (error) {
      return { ...interrupted(), file, message: `${at}; ${t`no checkpoint: ${(error as Error).message}`}` };
    }
  });
  try {
    const training = await thread.result;
    return {
      training,
      removeCheckpoint: () => {
        if (hasWritten || earlierEpochs(training.run) > 0) rmSync(file, { force: true });
      },
    };
  } finally {
    beforeExit(null);
  }
}
