import { boardName } from '../board-name.js';
import { currentLanguage, t } from '../../model/messages.js';
import { TOOL_VERSION } from '../../model/package-root.js';
import { architecture } from '../../model/network.js';
import { shellWords } from '../../model/shell-words.js';
import { Html, markup } from './markup.js';
import { accuracy } from './sections/accuracy.js';
import { activations } from './sections/activations.js';
import { boards } from './sections/boards.js';
import { bounds } from './sections/bounds.js';
import { confusion } from './sections/confusion.js';
import { layerErrors } from './sections/layer-errors.js';
import { learning } from './sections/learning.js';
import { memory } from './sections/memory.js';
import { model, tiles } from './sections/overview.js';
import { regions } from './sections/regions.js';
import { reproduce } from './sections/reproduce.js';
import type { Section } from './sections/section.js';
import { values } from './sections/values.js';
import { verification } from './sections/verification.js';
import { weights } from './sections/weights.js';
import { wrongRows } from './sections/wrong-rows.js';
import { STYLE } from './style.js';
import type { Subject } from './subject.js';

/** The chapters, in the order of the page. */
const SECTIONS: readonly Section[] = [
  model,
  accuracy,
  verification,
  learning,
  confusion,
  values,
  regions,
  wrongRows,
  weights,
  activations,
  layerErrors,
  bounds,
  memory,
  boards,
  reproduce,
];

/** By which a file is known to be a report of ours, and may be written over. */
export const GENERATOR = '<meta name="generator" content="neurona report">';

/** What could not be shown, and how to have it shown. */
function missing({ found, parts, directory }: Subject): Html | null {
  const lacking = [
    ...(found
      ? []
      : [
          t`the network was not found beside the folder: name it with --network to see floating point and learning`,
        ]),
    ...(parts.length > 0
      ? []
      : [
          t`the rows were not found: name them, as in neurona report ${shellWords([directory])} DATA, to see accuracy and errors`,
        ]),
  ];
  return lacking.length === 0
    ? null
    : markup`<p class="note" id="missing">${t`Not in this report: ${lacking.join('; ')}.`}</p>`;
}

/** The whole page: one file that loads nothing, with no script in it. */
export function reportPage(subject: Subject): string {
  const { model: integers, board } = subject;
  const title = t`${integers.name} ${architecture(integers.layers)} on ${boardName(board)}`;
  const chapters = SECTIONS.flatMap((section) => section(subject) ?? []);
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return markup`<!doctype html>
<html lang="${currentLanguage()}">
<head>
<meta charset="utf-8">
${new Html(GENERATOR)}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="lead">${t`A multilayer perceptron in integers, reported by neurona ${TOOL_VERSION}.`}</p>
${tiles(subject)}${missing(subject)}
</header>
<main>
${chapters.map(({ title: heading, body }) => markup`<section><h2>${heading}</h2>${body}</section>\n`)}</main>
</body>
</html>
`.text;
}
