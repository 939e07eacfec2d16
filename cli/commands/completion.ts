import { m } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';

export const completion = defineCommand({
  name: 'completion',
  group: 'About this installation:',
  summary: m`a script that completes commands and options in a shell`,
  description: m`Writes the completion of commands, options and their values for a shell: bash, zsh, fish or powershell.`,
  operands: { '<shell>': m`bash, zsh, fish or powershell` },
  examples: [
    'source <(neurona completion bash)',
    'neurona completion fish > ~/.config/fish/conf.d/neurona.fish',
  ],
  async run([shell], _options, { output }) {
    const { completionScript } = await import('../completion/script.js');
    const { shell: known, script } = completionScript(shell);
    output.result({ shell: known, script }, () => script.trimEnd());
  },
});
