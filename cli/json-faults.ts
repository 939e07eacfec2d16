import { printParseErrorCode } from 'jsonc-parser';
import { m, say, type Message } from '../model/messages.js';

/** What jsonc-parser's errors mean to the one who wrote the file. */
const FAULTS: Readonly<Record<string, readonly [message: Message, hint?: Message]>> = {
  InvalidSymbol: [m`this is no value of JSON`, m`text stands in double quotes: "text"`],
  InvalidNumberFormat: [m`this is no number of JSON`, m`write it as 0.5 or 1e-3`],
  PropertyNameExpected: [
    m`a key is missing`,
    m`keys stand in double quotes; no comma follows the last entry`,
  ],
  ValueExpected: [m`a value is missing`, m`no comma follows the last entry`],
  ColonExpected: [m`a colon is missing`, m`write "key": value`],
  CommaExpected: [m`a comma is missing`, m`put a comma between two entries`],
  CloseBraceExpected: [m`a } is missing`],
  CloseBracketExpected: [m`a ] is missing`],
  EndOfFileExpected: [m`something follows the end`, m`the file is one object: { … }`],
  InvalidCommentToken: [m`JSON has no comments`, m`delete the comment`],
  UnexpectedEndOfComment: [m`JSON has no comments`, m`delete the comment`],
  UnexpectedEndOfString: [m`a quote is missing`, m`text ends in a double quote on the same line`],
  UnexpectedEndOfNumber: [m`a number is cut short`],
  InvalidUnicode: [m`\\u is not followed by four hexadecimal digits`],
  InvalidEscapeCharacter: [m`this is no escape of JSON`, m`write \\\\ for a backslash`],
  InvalidCharacter: [m`this character must not stand in text`, m`write \\n or \\t`],
};

/** Message and hint for an error of `parseTree`. */
export function jsonFault(error: number): { message: string; hint?: string } {
  const name = printParseErrorCode(error);
  const fault = FAULTS[name];
  if (!fault) return { message: name };
  const [message, hint] = fault;
  return { message: say(message), hint: hint && say(hint) };
}
