import { fillMessage, messageKey } from '../../model/messages.js';

/** HTML as a template literal that escapes whatever is put into it: names of classes and files are foreign text. */

export class Html {
  constructor(readonly text: string) {}
}

export type HtmlPart = Html | string | number | null | readonly HtmlPart[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(part: HtmlPart): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** markup`<p>${name}</p>`: parts that are not `Html` themselves are escaped, lists are joined, null is nothing. */
export function markup(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((text, next, i) => text + textOf(parts[i - 1]) + next));
}

/** phrase`C names begin with <code>${name}_</code>`: in the current language, with parts as in `markup`. */
export function phrase(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(fillMessage(messageKey(strings), parts.map(textOf)));
}

/**
 * A table that scrolls sideways where it is too wide, also by the keyboard. The first cell of a row names it. `heading` may
 * be empty; `sides`: the last entry holds for all further columns.
 */
export function table(
  heading: readonly HtmlPart[],
  rows: readonly (readonly HtmlPart[])[],
  sides: readonly ('left' | 'right')[] = ['left', 'right'],
): Html {
  const side = (c: number): string => sides[Math.min(c, sides.length - 1)];
  const plain = (cell: HtmlPart, c: number): Html => markup`<td class="${side(c)}">${cell}</td>`;
  const head = heading.map((cell, c) =>
    cell === '' ? plain(cell, c) : markup`<th scope="col" class="${side(c)}">${cell}</th>`,
  );
  const body = rows.map(
    ([name, ...cells]) =>
      markup`<tr><th scope="row" class="${side(0)}">${name}</th>${cells.map((cell, c) => plain(cell, c + 1))}</tr> `,
  );
  return markup`<div class="scroll" tabindex="0">
<table>${head.length > 0 ? markup`<thead><tr>${head}</tr></thead>` : null}
<tbody>${body}</tbody></table>
</div>`;
}
