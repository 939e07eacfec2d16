import { defineCommand } from '../command-spec.js';
export const verify = defineCommand({
  name: 'verify',
  group: 'From data to board:',
  summary: 'x',
  examples: ['x'],
  async run() {},
});
