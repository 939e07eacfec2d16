import { suggestion } from '../../model/suggestion.js';
import { t } from '../../model/messages.js';
import { Problem } from '../../model/problem.js';
import { COMMANDS } from '../command-table.js';
import { bashCompletion } from './bash.js';
import { fishCompletion } from './fish.js';
import { powershellCompletion } from './powershell.js';
import { SHELLS, vocabularyOf, type Shell, type Vocabulary } from './vocabulary.js';
import { zshCompletion } from './zsh.js';

const SCRIPTS: Readonly<Record<Shell, (vocabulary: Vocabulary) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
};

/** The script by which a shell completes commands and options. Throws a usage `Problem` for a shell that is not known. */
export function completionScript(shell: string): { shell: Shell; script: string } {
  const known = SHELLS.find((name) => name === shell);
  if (known !== undefined) return { shell: known, script: SCRIPTS[known](vocabularyOf(COMMANDS)) };
  throw new Problem({
    kind: 'usage',
    code: 'unknown-shell',
    message: t`there is no completion for ${JSON.stringify(shell)}; expected one of ${SHELLS.join(', ')}`,
    hint: suggestion(shell, SHELLS),
  });
}
