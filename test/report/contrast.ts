/**
 * Contrasts of a page, by WCAG 2's formulas from computed styles; runs in the browser. Gives every text and every mark of
 * a figure that has less than it should: 4.5 for text, 3 for large text (24 px, or 18.66 px in bold) and for marks.
 * Colours that are light or dark because a number is (`SHADES`) and grid lines carry nothing that is not said elsewhere.
 */
export const LOW_CONTRASTS = `(() => {
  const SHADES = '#confusion rect, #regions rect';
  const CLEAR = [0, 0, 0, 0];
  const colour = (text) => {
    const [red, green, blue, alpha = 1] = (text.match(/[\\d.]+/g) ?? CLEAR).map(Number);
    return text === 'none' ? CLEAR : [red, green, blue, alpha];
  };
  const over = (front, alpha, back) => back.map((value, k) => alpha * front[k] + (1 - alpha) * value);
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    if (!element) return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
    const back = colour(getComputedStyle(element).backgroundColor);
    return over(back, back[3], ground(element.parentElement));
  };
  const opacity = (element) =>
    element.tagName === 'svg' ? 1 : Number(getComputedStyle(element).opacity) * opacity(element.parentElement);
  /** What a shape is painted with: its colour and how much of it, of its inside and its outline. */
  const paint = (shape, what) => {
    const style = getComputedStyle(shape);
    const found = colour(style[what]);
    return [found, found[3] * Number(style[what + 'Opacity']) * opacity(shape)];
  };
  const middle = (element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return [(left + right) / 2, (top + bottom) / 2];
  };
  const covers = (shape, [x, y]) => {
    const { left, right, top, bottom } = shape.getBoundingClientRect();
    return left <= x && x <= right && top <= y && y <= bottom;
  };
  /** The colour beneath an element of a figure: the page, and the rectangles that were drawn before. */
  const beneath = (element, svg) => {
    const place = middle(element);
    return [...svg.querySelectorAll('rect')]
      .filter((shape) => shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING && covers(shape, place))
      .reduce((back, shape) => over(...paint(shape, 'fill'), back), ground(svg));
  };
  const low = [];
  const check = (what, front, alpha, back, least) => {
    const found = ratio(over(front, alpha, back), back);
    if (found < least) low.push(what + ': ' + found.toFixed(2) + ' of ' + least);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const words = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (words === '' || element.closest('title, style')) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const svg = element.closest('svg');
    const [front, alpha] = svg ? paint(element, 'fill') : [colour(style.color), 1];
    check('text "' + words.slice(0, 30) + '"', front, alpha, svg ? beneath(element, svg) : ground(element), isLarge ? 3 : 4.5);
  }
  for (const svg of document.querySelectorAll('figure svg')) {
    const id = svg.closest('figure').id;
    const tints = [...svg.querySelectorAll('rect')].map((rect) => paint(rect, 'fill'));
    const grounds = [...new Map(tints.map((tint) => [tint.join(), over(...tint, ground(svg))])).values()];
    for (const shape of svg.querySelectorAll('rect, path, circle, line')) {
      const { width, height } = shape.getBoundingClientRect();
      const isSliver = shape.tagName === 'rect' && Math.min(width, height) < 1;
      if (shape.matches(SHADES) || isSliver || shape.closest('[stroke-opacity="0.1"]')) continue;
      // A rule's middle may lie on a mark that it passes; other rows' dots lie on other shades.
      const isAnywhere = id === 'regions' && shape.tagName === 'circle' && grounds.length > 0;
      const backs = isAnywhere ? grounds : [shape.tagName === 'line' ? ground(svg) : beneath(shape, svg)];
      const painted = ['fill', 'stroke'].map((what) => paint(shape, what)).filter(([, alpha]) => alpha > 0);
      if (painted.length === 0) continue;
      for (const back of backs) {
        const best = painted.sort((a, b) => ratio(over(...b, back), back) - ratio(over(...a, back), back))[0];
        check(id + ' ' + shape.tagName, ...best, back, 3);
      }
    }
  }
  for (const mark of document.querySelectorAll('.legend i, .share div')) {
    const front = colour(getComputedStyle(mark).backgroundColor);
    check(mark.parentElement.textContent.trim() || 'bar', front, front[3], ground(mark.parentElement), 3);
  }
  return [...new Set(low)];
})()`;
