import { say, t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { suggestion } from '../model/suggestion.js';
import { optionsOf, type CommandSpec } from './command-spec.js';
import { refusal } from './option-spec.js';

/** Settings of the library's functions, which no command line and no file has checked: JavaScript sees no types. */

const rejectUse = (code: string, message: string, hint?: string): never => {
  throw new Problem({ kind: 'usage', code, message, hint });
};

/**
 * The settings of a function that does what `command` does, as the command receives its options. Throws a usage `Problem`
 * for a key that is no option of it or is missing, and for a value that is not allowed.
 */
export function checkedSettings<T extends object>(command: CommandSpec, settings: T): T {
  const options = optionsOf(command);
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const checked = given.map(([key, value]: [string, unknown]) => {
    const option = options.get(key);
    if (!option) {
      const message = t`${command.name} has no setting "${key}"`;
      return rejectUse('unknown-setting', message, suggestion(key, [...options.keys()]));
    }
    const found = option.isValue?.(value) ? value : option.accept(value);
    if (found !== undefined) return [key, found];
    const { message, hint } = refusal(key, option, value);
    return rejectUse('bad-setting', message, hint);
  });
  const missing = command.required.find((key) => given.every(([name]) => name !== key));
  if (missing !== undefined) {
    const { description } = options.get(missing)!;
    rejectUse('missing-setting', t`${command.name} needs the setting "${missing}"`, say(description));
  }
  return Object.fromEntries(checked) as T;
}
