import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { suggestion } from '../model/suggestion.js';
import { position } from '../model/artifact.js';
import { fileReason } from '../model/file-error.js';
import { t } from '../model/messages.js';
import { rejectData } from '../model/problem.js';
import { optionsOf, type CommandSpec } from './command-spec.js';
import { jsonFault } from './json-faults.js';
import { refusal, type OptionGroup, type OptionSpec } from './option-spec.js';

/** `neurona.config.json`: the seed for all commands, and for each command its options under its name. */
export const CONFIG_FILE = 'neurona.config.json';
/** Names the JSON Schema of the file, by which editors complete and check it. */
export const SCHEMA_KEY = '$schema';

export interface Config {
  readonly shared: Readonly<Record<string, unknown>>;
  /** By command, then by option; paths are already relative to the working directory. */
  readonly commands: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

interface Property {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node;
}

/** Rejects what `parseTree` finds at a node, with its line and column. */
function reject(source: Source, offset: number, code: string, message: string, hint?: string): never {
  rejectData(code, message, { file: source.file, ...position(source.text, offset), hint });
}

/** The properties of an object; names that JSON parsers disagree about are refused. */
function propertiesOf(source: Source, node: Node, what: string): Property[] {
  if (node.type !== 'object')
    reject(source, node.offset, 'not-an-object', t`${what}: expected an object { … }`);
  const seen = new Set<string>();
  return (node.children ?? []).map((property) => {
    const [keyNode, value] = property.children ?? [];
    const key = String(keyNode.value);
    if (key === '__proto__') {
      reject(source, keyNode.offset, 'forbidden-key', t`"__proto__" is not allowed as a key`, t`remove it`);
    }
    if (seen.has(key)) {
      reject(
        source,
        keyNode.offset,
        'duplicate-key',
        t`"${key}" stands here a second time`,
        t`keep only one`,
      );
    }
    seen.add(key);
    return { key, keyNode, value };
  });
}

function rejectUnknown(
  source: Source,
  { key, keyNode }: Property,
  known: readonly string[],
  where: string | null,
): never {
  reject(
    source,
    keyNode.offset,
    'unknown-key',
    where === null ? t`unknown key "${key}"` : t`unknown key "${key}" in "${where}"`,
    suggestion(key, known),
  );
}

function checkedValue(source: Source, name: string, option: OptionSpec<unknown>, node: Node): unknown {
  const given: unknown = getNodeValue(node);
  const value = option.accept(given);
  if (value === undefined) {
    const { message, hint } = refusal(name, option, given);
    reject(source, node.offset, 'bad-value', message, hint);
  }
  if (!option.isPath) return value;
  const folder = path.dirname(path.resolve(source.file));
  return path.relative('', path.resolve(folder, value as string));
}

function readSection(source: Source, command: CommandSpec, node: Node): Record<string, unknown> {
  const options = optionsOf(command);
  const properties = propertiesOf(source, node, command.name);
  const values: Record<string, unknown> = {};
  for (const property of properties) {
    const option = options.get(property.key);
    if (!option) return rejectUnknown(source, property, [...options.keys()], command.name);
    values[property.key] = checkedValue(source, `${command.name}.${property.key}`, option, property.value);
  }
  for (const [one, other] of command.conflicts) {
    if (values[one] === undefined || values[other] === undefined) continue;
    const second = properties.findLast(({ key }) => key === one || key === other);
    reject(
      source,
      second?.keyNode.offset ?? node.offset,
      'conflicting-options',
      t`"${one}" and "${other}" in "${command.name}" contradict each other`,
      t`keep only one of them`,
    );
  }
  return values;
}

/**
 * Reads and checks the whole file, also the parts of other commands. A file that is not named and not there is
 * an empty one. Throws a `Problem` with line and column.
 */
export function readConfig(
  named: string | undefined,
  commands: readonly CommandSpec[],
  sharedOptions: OptionGroup,
): Config {
  const file = named ?? CONFIG_FILE;
  if (named === undefined && !existsSync(file)) return { shared: {}, commands: {} };
  const source: Source = { file, text: readText(file) };
  const errors: ParseError[] = [];
  const root = parseTree(source.text, errors, { disallowComments: true, allowTrailingComma: false });
  if (errors.length > 0 || !root) {
    const { message, hint } =
      source.text.trim() === ''
        ? { message: t`the file is empty`, hint: t`write {} or delete the file` }
        : jsonFault(errors[0].error);
    reject(source, errors[0]?.offset ?? 0, 'not-json', t`not valid JSON: ${message}`, hint);
  }
  const shared: Record<string, unknown> = {};
  const sections: Record<string, Record<string, unknown>> = {};
  const configurable = commands.filter((command) => optionsOf(command).size > 0);
  for (const property of propertiesOf(source, root, t`the file`)) {
    const { key, value } = property;
    if (key === SCHEMA_KEY) continue; // for editors
    const command = configurable.find(({ name }) => name === key);
    if (command) sections[key] = readSection(source, command, value);
    else if (Object.hasOwn(sharedOptions, key))
      shared[key] = checkedValue(source, key, sharedOptions[key], value);
    else {
      const known = [...Object.keys(sharedOptions), ...configurable.map(({ name }) => name)];
      rejectUnknown(source, property, known, null);
    }
  }
  return { shared, commands: sections };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    rejectData('cannot-read', t`cannot read it: ${fileReason(error)}`, {
      file,
      hint: t`check the path`,
    });
  }
}
