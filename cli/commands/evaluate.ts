import { m, t } from '../../model/messages.js';
import { rejectData } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { confusionLines } from '../confusion-lines.js';
import { DATA_OPTIONS, DATA_OPERAND } from '../data-options.js';
import { counted, percent } from '../text-table.js';

export const evaluate = defineCommand({
  name: 'evaluate',
  group: 'From data to board:',
  summary: m`how well a network or an integer model does on rows of data`,
  description: m`Accuracy, confusion and scores per class, or the errors of predicted numbers, of network.json (in floating point) or model.json (in integers, exactly as the board computes).`,
  operands: { '<artifact>': m`network.json or model.json`, ...DATA_OPERAND },
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
    const { resize } = isModel ? found.model.input : found.network.input;
    const features = isModel ? found.model.input.features : found.network.features;
    const { classes, targets } = isModel ? found.model : found.network;
    const reference = { features, classes, targets, resize };
    const data = await loadDataset(files, { ...options, reference, note: output.note });
    const numbers = isModel ? t`in integers` : t`in floating point`;
    if (targets) {
      const [{ integerValues }, { predictTargets, scoreTargets, targetsOf }, score] = await Promise.all([
        import('../comparison.js'),
        import('../../trainer/regression-scores.js'),
        import('../score-lines.js'),
      ]);
      const predicted =
        found.kind === 'model'
          ? integerValues(found.model, data)
          : predictTargets(found.network, data.values);
      const scores = scoreTargets(targets.names, targetsOf(data), predicted);
      const modelHash = isModel ? found.hash : null;
      const result = { artifact, kind: found.kind, task: 'regression', rows: data.rows, scores, modelHash };
      const verdict = t`${score.rmseText(scores)} over ${counted(data.rows, 'row')}, ${numbers}`;
      output.result(
        result,
        ({ bold }) => [bold(verdict), '', ...score.scoreTable([], [[[], scores]], bold)],
        verdict,
      );
      return;
    }
    const { classScores, evaluateFloat, scorePredictions } = await import('../../trainer/evaluate.js');
    const labels = data.labels ?? rejectData('no-labels', t`the data has no label column to compare with`);
    const { accuracy, confusion } =
      found.kind === 'model'
        ? scorePredictions(labels, integerPredictions(found.model, data), classes.length)
        : evaluateFloat(found.network, data);
    const scores = classScores(confusion);
    const result = {
      artifact,
      kind: found.kind,
      task: 'classification',
      rows: data.rows,
      accuracy,
      confusion,
      classes,
      perClass: scores.map((score, k) => ({ class: classes[k], ...score })),
      modelHash: isModel ? found.hash : null,
    };
    const verdict = t`of ${counted(data.rows, 'row')} right, ${numbers}`;
    output.result(
      result,
      ({ bold }) => [
        `${bold(percent(accuracy))} ${verdict}`,
        '',
        ...confusionLines(classes, confusion, scores),
      ],
      `${percent(accuracy)} ${verdict}`,
    );
  },
});
