import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { minus } from '../text-table.js';
import { Html, markup, type HtmlPart } from './markup.js';

/**
 * Figures as SVG inside the page, without a browser. Text and axes have the page's own colour and data the variables of
 * style.ts, so that one figure serves light and dark.
 */

export { Plot };

/** Colours of data, as variables that the style sheet defines for light and dark. */
export const COLOURS = {
  first: 'var(--first)',
  second: 'var(--second)',
  third: 'var(--third)',
  bad: 'var(--bad)',
  quiet: 'var(--quiet)',
} as const;

/**
 * Okabe and Ito's colours, which colour-blind people can tell apart, as dark on white and as light on black as marks must be;
 * more classes take turns.
 */
export const classColour = (k: number): string => `var(--class-${k % 8})`;

/** 0.05 → "5 %", for ticks. */
export const percentTick = (share: number): string => `${minus(String(Number((100 * share).toFixed(6))))} %`;

const WIDTH = 380;
const HEIGHT = 230;
const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** What is used of linkedom's elements; the compiler knows no browser here. */
interface SvgElement {
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly children: Iterable<SvgElement>;
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
}

const shortened = (number: number): number => Number(number.toFixed(2));

/** Rectangles that meet still do, where both their ends are shortened. */
const RECTANGLE = [
  ['x', 'width'],
  ['y', 'height'],
] as const;

/** 145.00000000000003 → 145: two digits are more than a screen shows. */
function shorten(element: SvgElement): void {
  for (const [start, size] of RECTANGLE) {
    const from = Number(element.getAttribute(start));
    const length = Number(element.getAttribute(size));
    if (from && length) element.setAttribute(size, String(shortened(from + length) - shortened(from)));
  }
  for (const { name, value } of [...element.attributes]) {
    if (/\.\d{3}/.test(value) && !/label|href/.test(name)) {
      element.setAttribute(
        name,
        value.replace(/-?\d+\.\d{3,}/g, (number: string) => String(shortened(Number(number)))),
      );
    }
  }
  for (const child of element.children) shorten(child);
}

export interface FigureOptions {
  /** Names the figure for tests and links. */
  readonly id: string;
  readonly title: string;
  readonly caption?: HtmlPart;
  /** Colour and word of what is drawn, where there is more than one thing. */
  readonly legend?: readonly (readonly [colour: string, word: string])[];
  readonly plot: Plot.PlotOptions;
}

export function figure({ id, title, caption = null, legend = [], plot }: FigureOptions): Html {
  const drawn: SvgElement = Plot.plot({
    document,
    className: 'plot',
    width: WIDTH,
    height: HEIGHT,
    marginBottom: 40,
    style: { fontSize: '11px' },
    ...plot,
    x: { labelAnchor: 'center', labelArrow: 'none', labelOffset: 36, ...plot.x },
  });
  for (const style of drawn.querySelectorAll('style')) style.remove();
  // Only the whole has a role that may be named.
  for (const part of drawn.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', title);
  shorten(drawn);
  const entries = legend.map(
    ([colour, word]) => markup`<span><i style="background:${colour}"></i>${word}</span> `,
  );
  return markup`<figure id="${id}">
<figcaption><b>${title}</b>${legend.length > 0 ? markup`<span class="legend">${entries}</span>` : null}</figcaption>
${new Html(drawn.outerHTML)}
${caption === null ? null : markup`<p class="note">${caption}</p>`}
</figure>
`;
}

/** Figures beside one another where there is room. */
export const figures = (list: readonly Html[]): Html => markup`<div class="figures">${list}</div>`;
