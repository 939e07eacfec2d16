import { t } from '../../model/messages.js';
import type { CompletedOption, Vocabulary } from './vocabulary.js';

const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;

function optionLine(condition: string, { flag, short, description, value, words }: CompletedOption): string {
  const argument = {
    none: '',
    words: ` -x -a ${quoted(words.join(' '))}`,
    path: ' -r -F',
    'words-or-path': ` -r -F -a ${quoted(words.join(' '))}`,
    free: ' -x',
  }[value];
  const letter = short === undefined ? '' : ` -s ${short}`;
  return `complete -c neurona${condition} -l ${flag.replace(/^--/, '')}${letter}${argument} -d ${quoted(description)}`;
}

export function fishCompletion({ commands, globals }: Vocabulary): string {
  const names = commands.map(({ name }) => name);
  const none = ` -n 'not __fish_seen_subcommand_from ${names.join(' ')} help'`;
  const lines = commands.flatMap(({ name, summary, options, operands, takesFiles }) => {
    const within = ` -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c neurona${none} -a ${name} -d ${quoted(summary)}`,
      ...(takesFiles ? [`complete -c neurona${within} -F`] : []),
      ...(operands.length > 0 ? [`complete -c neurona${within} -a ${quoted(operands.join(' '))}`] : []),
      ...options.map((option) => optionLine(within, option)),
    ];
  });
  return `# fish completion for neurona: neurona completion fish > ~/.config/fish/conf.d/neurona.fish
complete -c neurona -f
complete -c neurona${none} -a help -d ${quoted(t`show the help of a command`)}
complete -c neurona -n '__fish_seen_subcommand_from help' -a '${names.join(' ')}'
${globals.map((option) => optionLine('', option)).join('\n')}
${lines.join('\n')}

# npx neurona: as above
function __neurona_npx
  set -l words (commandline -opc)
  test "$words[2]" = neurona; and printf '%s\\n' (complete -C (string join ' ' -- (string escape -- $words[2..]) (commandline -ct)))
end
complete -c npx -n 'test (count (commandline -opc)) -eq 1' -a neurona
complete -c npx -n 'set -l words (commandline -opc); test "$words[2]" = neurona' -f -a '(__neurona_npx)'
`;
}
