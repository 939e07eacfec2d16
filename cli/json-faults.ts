import { printParseErrorCode } from 'jsonc-parser';

/** What jsonc-parser's errors mean to the one who wrote the file. */
const FAULTS: Readonly<Record<string, readonly [message: string, hint?: string]>> = {
  InvalidSymbol: ['this is no value of JSON', 'text stands in double quotes: "text"'],
  InvalidNumberFormat: ['this is no number of JSON', 'write it as 0.5 or 1e-3'],
  PropertyNameExpected: ['a key is missing', 'keys stand in double quotes; no comma follows the last entry'],
  ValueExpected: ['a value is missing', 'no comma follows the last entry'],
  ColonExpected: ['a colon is missing', 'write "key": value'],
  CommaExpected: ['a comma is missing', 'put a comma between two entries'],
  CloseBraceExpected: ['a } is missing'],
  CloseBracketExpected: ['a ] is missing'],
  EndOfFileExpected: ['something follows the end', 'the file is one object: { … }'],
  InvalidCommentToken: ['JSON has no comments', 'delete the comment'],
  UnexpectedEndOfComment: ['JSON has no comments', 'delete the comment'],
  UnexpectedEndOfString: ['a quote is missing', 'text ends in a double quote on the same line'],
  UnexpectedEndOfNumber: ['a number is cut short'],
  InvalidUnicode: ['\\u is not followed by four hexadecimal digits'],
  InvalidEscapeCharacter: ['this is no escape of JSON', 'write \\\\ for a backslash'],
  InvalidCharacter: ['this character must not stand in text', 'write \\n or \\t'],
};

/** Message and hint for an error of `parseTree`. */
export function jsonFault(error: number): { message: string; hint?: string } {
  const name = printParseErrorCode(error);
  const [message, hint] = FAULTS[name] ?? [name];
  return { message, hint };
}
