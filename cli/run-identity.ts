import { TOOL_VERSION } from '../model/package-root.js';
import { rejectData } from '../model/problem.js';
import type { Dataset } from '../dataset/dataset.js';
import { resizeOf } from '../dataset/resize.js';
import { m, t, type Message } from '../model/messages.js';
import type { TrainOptions } from '../trainer/options.js';
import { programName } from './invocation.js';
import { flagOf } from './option-spec.js';
import { shellWords } from '../model/shell-words.js';

/** What decides a training to the last bit: only a run with all of it equal may continue another. Plain JSON. */
export type RunIdentity = Readonly<Record<string, unknown>>;

/** `data`: all rows, of which the share `testSplit` was set aside. */
export function runIdentity(data: Dataset, testSplit: number, options: TrainOptions): RunIdentity {
  const { sha256, name, features, classes, rows } = data;
  const targets = data.targets?.names ?? null;
  const rowsOf = {
    sha256,
    name,
    features,
    classes,
    targets,
    rows,
    testSplit,
    resize: resizeOf(data) ?? null,
  };
  return { neurona: TOOL_VERSION, data: rowsOf, options };
}

/** Every value by its path; lists are values. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path, JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, entry]) => leaves(entry, path === '' ? key : `${path}.${key}`));
}

/** What people know a value by, where it is not the flag of its name. */
const NAMES: Readonly<Record<string, string | Message>> = {
  'data.name': '--name',
  'data.features': m`the list of features`,
  'data.classes': m`the list of classes`,
  'data.targets': m`the list of targets`,
  'data.rows': m`the number of rows`,
  'options.precision.weightBits': '--bits',
};

const MOST_NAMED = 3;
const LONGEST_VALUE = 40;
const shown = (value = t`not set`): string =>
  value.length <= LONGEST_VALUE ? value : `${value.slice(0, LONGEST_VALUE)}…`;

/** The paths of the values that differ. */
function changes(one: Map<string, string>, other: Map<string, string>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path));
}

export const isSameRun = (one: RunIdentity, other: RunIdentity): boolean =>
  changes(new Map(leaves(one)), new Map(leaves(other))).length === 0;

/**
 * Throws a `Problem` of the checkpoint's `file` that names what differs: `changed-version`, `changed-data` or
 * `changed-options`. `command`: the words after `neurona` that continue the earlier run.
 */
export function checkSameRun(
  { run: earlier, command }: { readonly run: RunIdentity; readonly command: readonly string[] },
  now: RunIdentity,
  file: string,
): void {
  const [then, current] = [new Map(leaves(earlier)), new Map(leaves(now))];
  const changed = changes(then, current);
  if (changed.length === 0) return;
  const reject = (code: string, message: string, hint: string) => rejectData(code, message, { file, hint });
  if (changed.includes('neurona')) {
    const [old, own] = [then.get('neurona'), current.get('neurona')].map(shown);
    const message = t`written by neurona ${old}, this is ${own}: it may compute other bits`;
    reject('changed-version', message, t`continue with that version, or train from the start`);
  }
  if (changed.includes('data.sha256')) {
    const message = t`the data is no longer what the checkpoint was trained on`;
    reject('changed-data', message, t`bring the files back as they were, or train from the start`);
  }
  const differences = changed.slice(0, MOST_NAMED).map((path) => {
    const name = NAMES[path] ?? flagOf(path.slice(path.lastIndexOf('.') + 1));
    return t`${name} was ${shown(then.get(path))} and is ${shown(current.get(path))}`;
  });
  const more = changed.length > MOST_NAMED ? t`; and ${changed.length - MOST_NAMED} more` : '';
  const hint = t`continue it as it was begun: ${programName()} ${shellWords(command)}`;
  reject('changed-options', `${differences.join('; ')}${more}`, hint);
}
