import { existsSync, rmSync } from 'node:fs';
import type { ProblemDetails } from '../model/problem.js';
import { checkpointFileOf, checkpointText, epochsOf, readCheckpoint } from './checkpoint-file.js';
import type { Context } from './command-spec.js';
import { INTERRUPTED } from './interruption.js';
import { isSameRun, type RunIdentity } from './run-identity.js';
import { shellWords, withOption } from './shell-words.js';
import { startTraining, type TrainingState } from './training-thread.js';
import type { Training, TrainSettings } from './training.js';
import { checkWritable, writeFile } from './write-file.js';

/** Against power cuts and `kill -9`; Ctrl-C saves whatever the time. */
const CHECKPOINT_MILLISECONDS = 60_000;

/** Finished epochs in a checkpoint of this very run; 0 where the file is none, or of another run. */
function epochsIn(file: string, run: RunIdentity): number {
  if (!existsSync(file)) return 0;
  try {
    const checkpoint = readCheckpoint(file);
    return isSameRun(checkpoint.run, run) ? epochsOf(checkpoint.state) : 0;
  } catch {
    return 0; // damaged: worth nothing to anybody
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
    output.warn(`${file} is there, of an unfinished run: add --resume ${file} to continue that one`);
  }

  let lastWritten = performance.now();
  let earlierEpochs: number | null = null;

  /** Training anew never replaces the checkpoint of an earlier attempt at the same that came further. */
  function writeCheckpoint({ run, state }: TrainingState): number {
    earlierEpochs ??= epochsIn(file, run);
    if (earlierEpochs < epochsOf(state)) writeFile(file, checkpointText({ command, run, state }));
    lastWritten = performance.now();
    return Math.max(earlierEpochs, epochsOf(state));
  }

  const thread = startTraining({ files, settings, seed }, output, (state) => {
    if (performance.now() - lastWritten < CHECKPOINT_MILLISECONDS) return;
    try {
      writeCheckpoint(state);
    } catch (error) {
      lastWritten = performance.now();
      output.warn(`${file}: no checkpoint: ${(error as Error).message}`);
    }
  });

  beforeExit(async (): Promise<ProblemDetails> => {
    const state = await thread.stop();
    if (!state) {
      const again = settings.resume && `continue with: neurona ${shellWords(words)}`;
      return { ...INTERRUPTED, message: 'interrupted before the end of an epoch', hint: again };
    }
    const at = `interrupted after epoch ${epochsOf(state.state)} of ${state.epochs}`;
    try {
      const epochs = writeCheckpoint(state);
      const message = `${at}; the checkpoint is that of epoch ${epochs}`;
      return { ...INTERRUPTED, file, message, hint: `continue with: neurona ${shellWords(command)}` };
    } catch (error) {
      return { ...INTERRUPTED, file, message: `${at}; no checkpoint: ${(error as Error).message}` };
    }
  });
  try {
    const training = await thread.training;
    return {
      training,
      removeCheckpoint: () => {
        if (epochsIn(file, training.run) > 0) rmSync(file, { force: true });
      },
    };
  } finally {
    beforeExit(null);
  }
}
