import { t } from '../../model/messages.js';
import { flagsOf, type CompletedOption, type Vocabulary } from './vocabulary.js';

/** In single quotes, for a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Descriptions stand between brackets, and colons end them. */
const plain = (text: string): string => text.replace(/[[\]\\]/g, '\\$&').replaceAll(':', '\\:');

function action({ value, words }: CompletedOption): string {
  switch (value) {
    case 'none':
      return '';
    case 'words':
      return `:value:(${words.join(' ')})`;
    case 'path':
      return ':file:_files';
    case 'words-or-path':
      return `:value:{ if [[ $PREFIX == /* ]]; then _files; else compadd ${words.join(' ')}; fi }`;
    case 'free':
      return ':value: ';
  }
}

/** An argument of _arguments for each spelling; one excludes the other. Behind `--flag=` the value may follow at once. */
const specs = (option: CompletedOption): string[] => {
  const flags = flagsOf(option);
  return flags.map((flag) => {
    const joint = option.value !== 'none' && flag.startsWith('--') ? '=' : '';
    return quoted(`(${flags.join(' ')})${flag}${joint}[${plain(option.description)}]${action(option)}`);
  });
};

export function zshCompletion({ commands, globals }: Vocabulary): string {
  const globalSpecs = globals.flatMap(specs);
  const cases = commands.map(({ name, options, operands, takesFiles }) => {
    const rest =
      operands.length > 0
        ? [quoted(`1:word:(${operands.join(' ')})`)]
        : takesFiles
          ? [quoted('*:file:_files')]
          : [];
    const all = [...options.flatMap(specs), ...globalSpecs, ...rest];
    return `        ${name})\n          _arguments -s ${all.join(' \\\n            ')}\n          ;;`;
  });
  return `#compdef neurona
# zsh completion for neurona and npx neurona, to be sourced below compinit; as ~/.zfunc/_neurona for neurona alone
_neurona() {
  local context state line
  typeset -A opt_args
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${plain(summary)}`)}`).join('\n')}
    ${quoted(`help:${plain(t`show the help of a command`)}`)}
  )
  _arguments -C -s \\
    ${globalSpecs.join(' \\\n    ')} \\
    '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe 'command' commands ;;
    argument)
      case $words[1] in
${cases.join('\n')}
        help) _describe 'command' commands ;;
      esac
      ;;
  esac
}
# npx neurona: as above; what else npx runs is left to the completion of npx, if there is one
_neurona_npx() {
  if (( CURRENT > 2 )) && [[ $words[2] == neurona ]]; then
    shift words
    (( CURRENT-- ))
    _neurona
  elif [[ -n $_neurona_other_npx ]]; then
    $_neurona_other_npx "$@"
  else
    (( CURRENT == 2 )) && compadd neurona
    _default
  fi
}
if [[ $funcstack[1] == _neurona ]]; then
  _neurona "$@"
else
  [[ $_comps[npx] == _neurona_npx ]] || typeset -g _neurona_other_npx=$_comps[npx]
  compdef _neurona neurona
  compdef _neurona_npx npx
fi
`;
}
