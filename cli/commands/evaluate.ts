import { rejectData } from '../../model/problem.js';
import type { ClassScore } from '../../trainer/evaluate.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPTIONS, DATA_OPERAND } from '../data-options.js';
import { counted, grouped, percent, textTable } from '../text-table.js';

/** Classes beyond this do not fit the width of a terminal; --json has them all. */
const MOST_CLASSES_SHOWN = 12;

function confusionLines(
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
  scores: readonly ClassScore[],
): string[] {
  if (classes.length > MOST_CLASSES_SHOWN) return ['  (--json gives the confusion matrix)'];
  const short = classes.map((name) => (name.length > 12 ? `${name.slice(0, 11)}…` : name));
  const rows = confusion.map((counts, i) => [
    `  ${short[i]}`,
    ...counts.map(grouped),
    percent(scores[i].precision),
    percent(scores[i].recall),
    percent(scores[i].f1),
  ]);
  const cells = Math.floor(40 / classes.length);
  return textTable(
    [
      [
        '  is \\ taken for',
        ...short.map((name) => name.slice(0, Math.max(cells, 3))),
        'precision',
        'recall',
        'F1',
      ],
      ...rows,
    ],
    ['left', 'right'],
  );
}

export const evaluate = defineCommand({
  name: 'evaluate',
  group: 'From data to board:',
  summary: 'accuracy of a network or an integer model',
  description:
    'Accuracy, confusion and scores per class of network.json (in floating point) or model.json (in integers, exactly as the board computes).',
  operands: { '<artifact>': 'network.json or model.json', ...DATA_OPERAND },
  groups: { 'Data:': DATA_OPTIONS },
  examples: [
    'neurona evaluate model.json iris.csv',
    'neurona evaluate network.json test.csv --label species',
  ],
  async run([artifact, ...files], options, { output }) {
    const [{ readNetworkOrModel }, { loadDataset }, { integerPredictions }] = await Promise.all([
      import('../artifacts.js'),
      import('../../dataset/load.js'),
      import('../predictions.js'),
    ]);
    const found = readNetworkOrModel(artifact);
    const isModel = found.kind === 'model';
    const features = isModel ? found.model.input.features : found.network.features;
    const { classes } = isModel ? found.model : found.network;
    const data = await loadDataset(files, { ...options, reference: { features, classes } });
    const { classScores, evaluateFloat, scorePredictions } = await import('../../trainer/evaluate.js');
    const labels = data.labels ?? rejectData('no-labels', 'the data has no label column to compare with');
    const { accuracy, confusion } =
      found.kind === 'model'
        ? scorePredictions(labels, integerPredictions(found.model, data), classes.length)
        : evaluateFloat(found.network, data);
    const scores = classScores(confusion);
    const result = {
      artifact,
      kind: found.kind,
      rows: data.rows,
      accuracy,
      confusion,
      classes,
      perClass: scores.map((score, k) => ({ class: classes[k], ...score })),
      modelHash: isModel ? found.hash : null,
    };
    output.result(result, ({ bold }) => [
      `${bold(percent(accuracy))} of ${counted(data.rows, 'row')} right, ${isModel ? 'in integers' : 'in floating point'}`,
      '',
      ...confusionLines(classes, confusion, scores),
    ]);
  },
});
