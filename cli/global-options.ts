import { LANGUAGES, m } from '../model/messages.js';
import { choice, filePath, integer, toggle, type OptionGroup } from './option-spec.js';

/** Options that may also stand in the configuration file, beside the commands. */
export const SHARED_OPTIONS = {
  seed: integer(m`makes a run reproducible (default: 1)`, { from: 0, to: Number.MAX_SAFE_INTEGER }),
} satisfies OptionGroup;

/** Options of every command. */
export const GLOBAL_OPTIONS = {
  ...SHARED_OPTIONS,
  config: filePath(m`configuration (default: neurona.config.json)`, m`<file>`),
  lang: choice(
    m`language of what you read (default: from LC_ALL, LC_MESSAGES or LANG)`,
    m`<language>`,
    LANGUAGES,
  ),
  json: toggle('on', m`one JSON object on stdout, for scripts`),
  quiet: toggle('on', m`no progress and no notes, and a report in one line`, { short: 'q' }),
  verbose: toggle('on', m`more about what happens`, { short: 'v' }),
  color: toggle('off', m`plain text; so does the variable NO_COLOR`),
} satisfies OptionGroup;
