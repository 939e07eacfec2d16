import { describe, expect, test } from 'vitest';
import { commentText, int, stringLiteral } from '../../codegen/c-text.js';
import { renderText, type TemplateValue } from '../../codegen/render.js';
import { Problem } from '../../model/problem.js';

describe('the literal printer', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [-1, '-1'],
    [2147483647, '2147483647'],
    [-2147483648, '(-2147483647 - 1)'],
    [4294967295, '4294967295'],
  ])('%d is %s', (value, text) => expect(int(value)).toBe(text));

  test.each([0.5, NaN, Infinity, -Infinity, 2 ** 32, -(2 ** 31) - 1, undefined, null, '1'])(
    'refuses %s',
    (value) => {
      expect(() => int(value as number)).toThrow();
    },
  );
});

describe('values given to a template', () => {
  test.each([
    undefined,
    null,
    NaN,
    1,
    () => 'x',
    Symbol('x'),
    new Float64Array(2),
    new Date(0),
    'undefined',
    'NaN',
    'Infinity',
  ])('%s is refused wherever it is nested', (value) => {
    for (const context of [{ a: value }, { a: [value] }, { a: { b: [{ c: value }] } }]) {
      expect(() => renderText('{{a}}', 'x.hbs', context as Record<string, TemplateValue>)).toThrow(
        /template/,
      );
    }
  });
});

describe('a fault in a template names file, line and column', () => {
  test.each([
    ['{{#each a}}\n{{/if}}', 1],
    ['ok\nok\n{{missing}}', 3],
    ['\n{{#each a}}{{../nothing}}{{/each}}', 2],
    ['{{', 1],
  ])('%j fails at line %d', (template, line) => {
    try {
      renderText(template, 'firmware-templates/x.hbs', { a: ['1'] });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Problem);
      expect((error as Problem).details).toMatchObject({
        kind: 'bug',
        code: 'template-error',
        file: 'firmware-templates/x.hbs',
        line,
      });
      expect((error as Problem).details.column).toBeGreaterThan(0);
    }
  });
});

describe('foreign text in C', () => {
  const nasty = [
    '"',
    '\\',
    '\n',
    '\r',
    '\t',
    '??/',
    '*/',
    '/*',
    '//',
    '%s',
    '\0',
    '\u2028',
    'ñ',
    '🙂',
    "'",
    '`',
    '$(x)',
    '{{x}}',
    '\\\n',
  ];

  test.each(nasty)('%j can neither end a string nor form a trigraph', (text) => {
    const literal = stringLiteral(`a${text}1`);
    expect(literal).toMatch(/^([ !#-&(-/0-9:;<=>@A-Z[\]^_a-z{|}~'*]|\\[0-7]{3})*$/);
    expect(literal).not.toContain('??');
    const bytes = literal.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    );
    expect(Buffer.from(bytes, 'latin1').toString('utf8')).toBe(`a${text}1`);
  });

  test.each(nasty)('%j can neither end nor continue a comment', (text) => {
    expect(commentText(`a${text}/`)).not.toMatch(/\*\/|\/\*|\\|\n|\?/);
  });
});
