import { flagsOf, type CompletedOption, type Vocabulary } from './vocabulary.js';

/** For bash 3.2 (macOS) and later; where nothing is offered, readline completes file names by itself. */

/** `'train --optimizer'|'train -o') words='sgd adam' ;;` for each option with words of its own. */
function valueCases(scope: string, options: readonly CompletedOption[]): string[] {
  return options
    .filter(({ value }) => value !== 'none')
    .map((option) => {
      const patterns = flagsOf(option).map((flag) => `'${scope} ${flag}'`);
      return `    ${patterns.join('|')}) words='${option.words.join(' ')}'; isValue=1 ;;`;
    });
}

export function bashCompletion({ commands, globals }: Vocabulary): string {
  const withValue = globals.filter(({ value }) => value !== 'none').flatMap(flagsOf);
  const globalFlags = globals.flatMap(flagsOf).join(' ');
  const cases = commands.flatMap(({ name, options }) => [
    ...valueCases(name, options),
    ...valueCases(name, globals),
  ]);
  const flags = commands.map(
    ({ name, options }) => `    ${name}) flags='${[...options.flatMap(flagsOf), globalFlags].join(' ')}' ;;`,
  );
  const operands = commands
    .filter((command) => command.operands.length > 0)
    .map(({ name, operands: words }) => `    ${name}) words='${words.join(' ')}' ;;`);
  return `# bash completion for neurona and npx neurona: source <(neurona completion bash)
_neurona() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command='' words='' flags='${globalFlags}' isValue='' i
  # bash takes --flag=value for three words
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = && COMP_CWORD -gt 1 ]]; then
    previous="\${COMP_WORDS[COMP_CWORD - 2]}"
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      ${withValue.join('|')}) ((i++)); [[ \${COMP_WORDS[i]} == = ]] && ((i++)) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$command $previous" in
${valueCases('', globals).join('\n')}
${cases.join('\n')}
  esac
  if [[ -z $isValue ]]; then
    case "$command" in
      '') words='${commands.map(({ name }) => name).join(' ')} help' ;;
      help) words='${commands.map(({ name }) => name).join(' ')}' ;;
${operands.map((line) => `  ${line}`).join('\n')}
    esac
    case "$command" in
${flags.map((line) => `  ${line}`).join('\n')}
    esac
    if [[ $current == -* ]]; then words="$flags"; fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _neurona neurona

# npx neurona: as above; what else npx runs is left to the completion of npx, if there is one
if [[ $(complete -p npx 2>/dev/null) =~ -F\\ ([^ ]+) && \${BASH_REMATCH[1]} != _neurona_npx ]]; then
  _neurona_other_npx="\${BASH_REMATCH[1]}"
fi
_neurona_npx() {
  if [[ $COMP_CWORD -gt 1 && \${COMP_WORDS[1]} == neurona ]]; then
    COMP_WORDS=("\${COMP_WORDS[@]:1}")
    ((COMP_CWORD--))
    _neurona
  elif [[ -n $_neurona_other_npx ]]; then
    "$_neurona_other_npx" "$@"
  elif [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W neurona -- "\${COMP_WORDS[1]}"))
  fi
}
complete -o bashdefault -o default -F _neurona_npx npx
`;
}
