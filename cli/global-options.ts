import { filePath, integer, toggle, type OptionGroup } from './option-spec.js';

/** Options that may also stand in the configuration file, beside the commands. */
export const SHARED_OPTIONS = {
  seed: integer('makes a run reproducible (default: 1)', { from: 0, to: Number.MAX_SAFE_INTEGER }),
} satisfies OptionGroup;

/** Options of every command. */
export const GLOBAL_OPTIONS = {
  ...SHARED_OPTIONS,
  config: filePath('configuration (default: neurona.config.json)', '<file>'),
  json: toggle('on', 'one JSON object on stdout, for scripts'),
  quiet: toggle('on', 'no progress and no notes, and a report in one line', { short: 'q' }),
  verbose: toggle('on', 'more about what happens', { short: 'v' }),
  color: toggle('off', 'plain text; so does the variable NO_COLOR'),
} satisfies OptionGroup;
