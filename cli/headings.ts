import { m, type Message } from '../model/messages.js';

/** The words of the help that are not of one command or option alone. */

/** By their names in the tables of commands. */
export const HEADINGS = {
  'From data to board:': m`From data to board:`,
  'About this installation:': m`About this installation:`,
  'Files:': m`Files:`,
  'Test:': m`Test:`,
  'Budget:': m`Budget:`,
  'Search:': m`Search:`,
  'Network:': m`Network:`,
  'Fitting:': m`Fitting:`,
  'Against over-fitting:': m`Against over-fitting:`,
  'Integers:': m`Integers:`,
  'Build:': m`Build:`,
  'Port:': m`Port:`,
  'Sketch:': m`Sketch:`,
  'Recording:': m`Recording:`,
  'Board:': m`Board:`,
  'Typical time:': m`Typical time:`,
  'Data:': m`Data:`,
  'Explain:': m`Explain:`,
  'Upload:': m`Upload:`,
  'Output:': m`Output:`,
  'Project:': m`Project:`,
  'Check:': m`Check:`,
  'Library or component:': m`Library or component:`,
  'End:': m`End:`,
  'Predict:': m`Predict:`,
  'Check against data:': m`Check against data:`,
  'Report:': m`Report:`,
  'Device:': m`Device:`,
} as const;

export type Heading = keyof typeof HEADINGS;

/** Commander's own. */
export const TITLES: Readonly<Record<string, Message>> = {
  'Usage:': m`Usage:`,
  'Arguments:': m`Arguments:`,
  'Options:': m`Options:`,
  'Commands:': m`Commands:`,
  'Global Options:': m`Global Options:`,
};

/** In commander's notation. */
export const OPERANDS = {
  '<data...>': m`<data...>`,
  '[data...]': m`[data...]`,
  '<dir>': m`<dir>`,
  '[dir]': m`[dir]`,
  '<artifact>': m`<artifact>`,
  '<network>': m`<network>`,
  '<shell>': m`<shell>`,
} as const;

export type Operand = keyof typeof OPERANDS;
