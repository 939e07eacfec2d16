import { m } from '../model/messages.js';
import { text, toggle, type OptionGroup } from './option-spec.js';

/** Options of every command that reads rows. */
export const DATA_OPTIONS = {
  label: text(m`column with the class, or columns to predict as y1,y2 (default: last)`, m`<column>`),
  header: toggle('on-off', m`the first line holds the column names (default: detected)`, {
    offDescription: m`the first line is a row already`,
  }),
} satisfies OptionGroup;

export const DATA_OPERAND = { '<data...>': m`CSV or idx files, also .gz; several are read as one` };
