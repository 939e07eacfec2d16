import { say, t } from '../model/messages.js';
import { optionsOf, type CommandSpec } from './command-spec.js';
import { SCHEMA_KEY } from './config.js';
import { SHARED_OPTIONS } from './global-options.js';
import type { JsonSchema, OptionSpec } from './option-spec.js';

/** JSON Schema of `neurona.config.json`, from the options that it may hold: editors complete and check the file by it. */

const propertiesOf = (options: Iterable<readonly [string, OptionSpec<unknown>]>): JsonSchema =>
  Object.fromEntries(
    [...options].map(([key, { description, schema }]) => [key, { description: say(description), ...schema }]),
  );

export function configSchema(commands: readonly CommandSpec[]): JsonSchema {
  const sections = commands
    .filter((command) => optionsOf(command).size > 0)
    .map((command) => [
      command.name,
      {
        description: t`Options of neurona ${command.name}: ${command.summary}`,
        type: 'object',
        properties: propertiesOf(optionsOf(command)),
        additionalProperties: false,
      },
    ]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'neurona.config.json',
    type: 'object',
    properties: {
      [SCHEMA_KEY]: { type: 'string' },
      ...propertiesOf(Object.entries(SHARED_OPTIONS)),
      ...Object.fromEntries(sections),
    },
    additionalProperties: false,
  };
}
