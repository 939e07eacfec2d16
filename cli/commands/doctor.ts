import { defineCommand } from '../command-spec.js';
export const doctor = defineCommand({
  name: 'doctor',
  group: 'From data to board:',
  summary: 'x',
  examples: ['x'],
  async run() {},
});
