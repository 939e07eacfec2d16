import { z } from 'zod';
import { currentLanguage, say, type Message } from './messages.js';

/** What a schema says of a value that it refuses, in the language that is current when it refuses it. */

/** The last argument of a check, such as `z.number(saying(m`expected a number`))`. */
export const saying = (message: Message): { error: () => string } => ({ error: () => say(message) });

/** For checks with no words of ours: the schema library's own, in the current language where it has them. */
export function currentLocale(): { error?: z.core.$ZodErrorMap } {
  const locales: Readonly<Record<string, () => { localeError: z.core.$ZodErrorMap }>> = z.locales;
  const locale = Object.hasOwn(locales, currentLanguage()) ? locales[currentLanguage()] : z.locales.en;
  return { error: locale().localeError };
}
