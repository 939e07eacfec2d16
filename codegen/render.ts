import { readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { t } from '../model/messages.js';
import { PACKAGE_ROOT } from '../model/package-root.js';
import { Problem } from '../model/problem.js';

/** Handlebars, and nothing but Handlebars: the one file that knows the template engine. */

/** Templates see strings and truth values only; numbers become text in c-text.ts, which checks them. */
export type TemplateValue =
  string | boolean | readonly TemplateValue[] | { readonly [key: string]: TemplateValue };

/** Handlebars prints `undefined` and `NaN` without complaint, so a value of the wrong type stops here. */
function checkValue(value: unknown, where: string): void {
  if (typeof value === 'string') {
    if (/^(undefined|NaN|-?Infinity|null|\[object .*)$/.test(value))
      throw new Error(`template value ${where} is "${value}"`);
  } else if (Array.isArray(value)) {
    value.forEach((entry, i) => checkValue(entry, `${where}[${i}]`));
  } else if (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  ) {
    for (const [key, entry] of Object.entries(value)) checkValue(entry, `${where}.${key}`);
  } else if (typeof value !== 'boolean') {
    throw new Error(`template value ${where} is ${String(value)}; templates take strings and booleans`);
  }
}

const TEMPLATE_FOLDER = path.join(PACKAGE_ROOT, 'firmware-templates');
const compiled = new Map<string, Handlebars.TemplateDelegate>();

/**
 * Renders template text. An error in the template, or a name it uses that the context lacks, is a `Problem`
 * with the template's file, line and column.
 */
export function renderText(template: string, file: string, context: Record<string, TemplateValue>): string {
  checkValue(context, 'context');
  try {
    let render = compiled.get(template);
    if (!render) {
      render = Handlebars.compile(template, { noEscape: true, strict: true });
      compiled.set(template, render);
    }
    return render(context);
  } catch (error) {
    const { message, lineNumber, column } = error as Error & { lineNumber?: number; column?: number };
    const parseLine = /Parse error on line (\d+)/.exec(message);
    throw new Problem({
      kind: 'bug',
      code: 'template-error',
      message: message.replace(/\s+/g, ' '),
      file,
      line: lineNumber ?? (parseLine ? Number(parseLine[1]) : 1),
      column: (column ?? 0) + 1,
      hint: t`the template and the values given to it do not match; please report it`,
    });
  }
}

/** Renders a file of `firmware-templates/`. */
export function render(template: string, context: Record<string, TemplateValue>): string {
  const file = path.join(TEMPLATE_FOLDER, template);
  return renderText(readFileSync(file, 'utf8'), `firmware-templates/${template}`, context);
}
