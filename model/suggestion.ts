import { closest, distance } from 'fastest-levenshtein';
import { t } from './messages.js';

/** A name as a message shows it: quoted, with control characters escaped, cut where it is long. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}

/** `"a", "b", "c"`, at most ten of them. */
export function quotedList(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(quoted).join(', ');
  return names.length > 10 ? t`${shown} and ${names.length - 10} more` : shown;
}

/** `did you mean "species"?` where a name is near enough, otherwise the list of all. */
export function suggestion(wrong: string, names: readonly string[]): string {
  return nearest(wrong, names) ?? t`there are ${quotedList(names)}`;
}

/** `did you mean "species"?`, or null where no name is near enough. */
export function nearest(wrong: string, names: readonly string[]): string | null {
  const lower = names.map((name) => name.toLowerCase());
  const found = lower.length > 0 ? closest(wrong.toLowerCase(), lower) : '';
  const edits = distance(wrong.toLowerCase(), found);
  const most = found.length < 4 ? 1 : Math.max(2, found.length / 3); // two letters swapped are two edits
  if (edits >= found.length || edits > most) return null;
  return t`did you mean ${quoted(names[lower.indexOf(found)])}?`;
}
