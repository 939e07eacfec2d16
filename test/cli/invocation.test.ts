import { expect, it } from 'vitest';
import { programName } from '../../cli/invocation.js';

/** Commands to type next can be typed as they stand.. */

it.each([
  ['npx neurona', 'npx', 'neurona'],
  ['npx neurona', 'npx', "'neurona' train iris.csv"],
  ['neurona', 'npx', 'vitest run'],
  ['neurona', 'npx', 'neuronal'],
  ['neurona', 'demo', 'neurona train'],
  ['neurona', undefined, undefined],
])('%s, where npm says %s: %s', (name, npm_lifecycle_event, npm_lifecycle_script) => {
  expect(programName({ npm_lifecycle_event, npm_lifecycle_script })).toBe(name);
});
