import { Problem } from '../../model/problem.js';
import { suggestion } from '../../dataset/suggestion.js';
import { m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';

export const completion = defineCommand({
  name: 'completion',
  group: 'About this installation:',
  summary: m`a script that completes commands and options in a shell`,
  description: m`Writes the completion of commands, options and their values for a shell: bash, zsh, fish or powershell.`,
  operands: { '<shell>': m`bash, zsh, fish or powershell` },
  examples: [
    'source <(neurona completion bash)',
    'neurona completion fish > ~/.config/fish/completions/neurona.fish',
  ],
  async run([shell], _options, { output }) {
    const [{ COMMANDS }, { SHELLS, vocabularyOf }, bash, zsh, fish, powershell] = await Promise.all([
      import('../command-table.js'),
      import('../completion/vocabulary.js'),
      import('../completion/bash.js'),
      import('../completion/zsh.js'),
      import('../completion/fish.js'),
      import('../completion/powershell.js'),
    ]);
    const known = SHELLS.find((name) => name === shell);
    if (known === undefined) {
      throw new Problem({
        kind: 'usage',
        code: 'unknown-shell',
        message: t`there is no completion for ${JSON.stringify(shell)}; expected one of ${SHELLS.join(', ')}`,
        hint: suggestion(shell, SHELLS),
      });
    }
    const vocabulary = vocabularyOf(COMMANDS);
    const script = {
      bash: bash.bashCompletion,
      zsh: zsh.zshCompletion,
      fish: fish.fishCompletion,
      powershell: powershell.powershellCompletion,
    }[known](vocabulary);
    output.result({ shell: known, script }, () => [script.trimEnd()]);
  },
});
