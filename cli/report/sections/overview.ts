import { boardName } from '../../board-name.js';
import { t } from '../../../model/messages.js';
import { architecture } from '../../../model/network.js';
import { weightMaximum } from '../../../model/quantized-model.js';
import { counted, grouped, percent, type Noun } from '../../text-table.js';
import { markup, phrase, table, type HtmlPart } from '../markup.js';
import { partName, type Subject, tellingPart } from '../subject.js';
import { partScores, scoreTexts } from '../scores.js';
import type { Section } from './section.js';

const MOST_NAMES = 12;

const nameList = (names: readonly string[], noun: Noun): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${counted(names.length, noun)}: ${names.slice(0, MOST_NAMES).join(', ')}, …`;

/** The figures that people look for first. */
export function tiles(subject: Subject): HtmlPart {
  const { firmware, board, parts } = subject;
  const part = parts.length > 0 ? tellingPart(parts) : null;
  const share = (bytes: number, limit: number | null): string =>
    limit === null ? '' : t`, ${percent(bytes / limit)} of the board`;
  const scores = part ? scoreTexts(partScores(subject, part), partName(part)) : [];
  const memory = [
    [`${grouped(firmware.flashBytes)} B`, `flash${share(firmware.flashBytes, board.flashBytes)}`],
    [`${grouped(firmware.ramBytes)} B`, `RAM${share(firmware.ramBytes, board.ramBytes)}`],
  ];
  return markup`<div class="tiles">${[...scores, ...memory].map(
    ([value, label]) => markup`<div class="tile"><b>${value}</b><span>${label}</span></div>`,
  )}</div>`;
}

/** How a layer's accumulators become what the next layer reads. */
function stageText({ table: curve, requantization }: Subject['model']['layers'][number]): string {
  if (!requantization) return t`raw outputs`;
  if (curve) return t`table of 256 entries`;
  return t`multiply, shift by ${requantization.shift}, clamp to 0..${requantization.maximum}`;
}

export const model: Section = (subject) => {
  const { board, found, firmware, manifest } = subject;
  const { layers, input, classes, targets, decision } = subject.model;
  const weights = layers.reduce((sum, layer) => sum + layer.weights.length, 0);
  const biases = layers.reduce((sum, layer) => sum + layer.outputs, 0);
  const facts: [string, HtmlPart][] = [
    [t`task`, targets ? t`regression: numbers are predicted` : t`classification: a class is named`],
    [t`inputs`, nameList(input.features, 'feature')],
    targets ? [t`targets`, nameList(targets.names, 'target')] : [t`classes`, nameList(classes, 'class')],
    [t`size`, t`${architecture(layers)}: ${grouped(weights)} weights, ${grouped(biases)} biases`],
    [
      t`decision`,
      {
        argmax: t`the largest output; ties go to the lowest class`,
        sign: t`the second class where the output is above 0`,
        value: t`each output is a number in units of ${targets?.decimals.map((d) => String(Number(`1e${-d}`))).join(', ')}`,
      }[decision],
    ],
    [t`board`, `${boardName(board)}${board.mcu === null ? '' : `, ${board.mcu}`}`],
    [t`folder`, phrase`<code>${subject.directory}</code>, C names begin with <code>${manifest.name}_</code>`],
    [
      t`network`,
      found ? markup`<code>${found.file}</code>` : t`not at hand: nothing here is in floating point`,
    ],
    [t`model`, markup`SHA-256 <code>${subject.modelHash}</code>`],
  ];
  const rows = layers.map((layer, l) => [
    String(l + 1),
    grouped(layer.inputs),
    grouped(layer.outputs),
    found ? found.network.layers[l].activation : '–',
    t`${layer.weightBits} bits, ±${weightMaximum(layer.weightBits)}`,
    t`${layer.accumulatorBits} bits`,
    markup`<span class="line">${stageText(layer)}</span>`,
    firmware.kernels[l],
  ]);
  const heading = [t`layer`, t`inputs`, t`outputs`, t`activation`, t`weights`, t`sums`, t`then`, t`kernel`];
  return {
    title: t`The model`,
    body: markup`${table([], facts, ['left'])}
${table(heading, rows, ['left', 'right', 'right', 'left', 'left', 'right', 'left', 'left'])}`,
  };
};
