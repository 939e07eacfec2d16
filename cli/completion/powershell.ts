import { flagsOf, type CompletedOption, type Vocabulary } from './vocabulary.js';

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const list = (words: readonly string[]): string => `@(${words.map(quoted).join(', ')})`;

function wordTable(options: readonly CompletedOption[]): string {
  const entries = options
    .filter(({ words }) => words.length > 0)
    .flatMap((option) => flagsOf(option).map((flag) => `${quoted(flag)} = ${list(option.words)}`));
  return `@{ ${entries.join('; ')} }`;
}

/** For PowerShell 5 and later; where nothing is offered, it completes file names by itself. */
export function powershellCompletion({ commands, globals }: Vocabulary): string {
  const names = commands.map(({ name }) => name);
  const none = { name: '', options: [], operands: [...names, 'help'] };
  const help = { name: 'help', options: [], operands: names };
  const rows = [none, help, ...commands].map(
    ({ name, options, operands }) =>
      `    ${quoted(name)} = @{ flags = ${list([...options, ...globals].flatMap(flagsOf))}; operands = ${list(operands)}; values = ${wordTable([...options, ...globals])} }`,
  );
  return `# PowerShell completion for neurona; in $PROFILE: neurona completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName neurona -ScriptBlock {
  param($word, $ast, $position)
  $commands = @{
${rows.join('\n')}
  }
  $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { "$_" })
  $name = $before | Select-Object -Skip 1 | Where-Object { $commands.ContainsKey($_) } | Select-Object -First 1
  $command = $commands["$name"]
  $words = $command.values[$before[-1]]
  if (-not $words) { $words = if ($word -like '-*') { $command.flags } else { $command.operands } }
  $words | Where-Object { $_ -like "$word*" } | Sort-Object | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}
