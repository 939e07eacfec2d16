import { defineCommand } from '../command-spec.js';
export const build = defineCommand({
  name: 'build',
  group: 'From data to board:',
  summary: 'x',
  examples: ['x'],
  async run() {},
});
