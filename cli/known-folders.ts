import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readManifest } from '../harness/build.js';
import { t } from '../model/messages.js';
import { Problem, type ProblemDetails } from '../model/problem.js';

/** A wrong model is easily explained where it is that of another folder nearby. */

const MOST_FOLDERS = 200;
/** The first hash in the message of `wrong-model` is that of the model which runs. */
const RUNS = /\b([0-9a-f]{16})\b/;

function hashOf(folder: string): string | null {
  try {
    return readManifest(folder).modelHash;
  } catch {
    return null; // most folders are none of ours
  }
}

/** Names the folder beside `directory` whose model the board runs, if there is one. */
export function nameOtherModel(details: ProblemDetails, directory: string): ProblemDetails {
  const hash = details.code === 'wrong-model' ? RUNS.exec(details.message)?.[1] : undefined;
  if (hash === undefined) return details;
  const parent = path.dirname(path.resolve(directory));
  const folder = readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .slice(0, MOST_FOLDERS)
    .map(({ name }) => path.join(parent, name))
    .find((candidate) => hashOf(candidate)?.startsWith(hash));
  if (folder === undefined) return details;
  const name = path.relative(process.cwd(), folder) || '.';
  return { ...details, message: t`${details.message}, which is the model of ${name}` };
}

export const withOtherModelNamed = (error: unknown, directory: string): unknown =>
  error instanceof Problem ? new Problem(nameOtherModel(error.details, directory)) : error;
