import { defineCommand } from '../command-spec.js';
import { DATA_OPTIONS } from '../data-options.js';
import { shellWords } from '../../model/shell-words.js';
import { nextProgram } from '../invocation.js';
import { choice, filePath, real } from '../option-spec.js';
import { grouped, textTable } from '../text-table.js';
import type { LayerReport } from '../../codegen/quantize.js';
import { m, t } from '../../model/messages.js';
import { Problem, rejectData } from '../../model/problem.js';

const DEFAULT_MAX_DROP = 5;

const ACCUMULATOR = choice(m`width of the sums (default: as trained for)`, m`<bits>`, ['auto', 16, 24, 32]);

function proofTable(layers: readonly LayerReport[], bold: (text: string) => string): string[] {
  return textTable(
    [
      [t`layer`, t`inputs`, t`outputs`, t`weights`, t`sums proven within`, t`accumulator`].map(bold),
      ...layers.map((layer, l) => [
        String(l + 1),
        grouped(layer.inputs),
        grouped(layer.outputs),
        t`${layer.weightBits} bits`,
        `${layer.lowest < 0 ? '-' : ''}${grouped(Math.abs(layer.lowest))}..${grouped(layer.highest)}`,
        t`${layer.accumulatorBits} bits`,
      ]),
    ],
    ['right'],
  );
}

export const quantize = defineCommand({
  name: 'quantize',
  group: 'From data to board:',
  summary: m`make the integer model of a network, with its proof`,
  description: m`Turns a network into integers and proves that no sum can overflow. With --data it also compares the integers with the network, and refuses a model that lost too much.`,
  operands: { '<network>': m`network.json, made by neurona train` },
  groups: {
    'Output:': { out: filePath(m`the integer model (default: model.json)`, m`<file>`, 'o') },
    'Integers:': { accumulator: ACCUMULATOR },
    'Check against data:': {
      data: filePath(m`compare the decisions on these rows`, m`<file>`),
      maxDrop: real(m`accuracy or R² it may lose, in points (default: ${DEFAULT_MAX_DROP})`, {
        from: 0,
        to: 100,
      }),
      ...DATA_OPTIONS,
    },
  },
  examples: ['neurona quantize network.json -o model.json', 'neurona quantize network.json --data iris.csv'],
  async run([networkFile], options, { output }) {
    if (options.maxDrop !== undefined && options.data === undefined) {
      throw new Problem({
        kind: 'usage',
        code: 'missing-option',
        message: t`--max-drop needs --data: without rows there is no accuracy to lose`,
        hint: t`add --data FILE`,
      });
    }
    const { checkOnData } = await import('../quantization-check.js');
    const [{ readNetworkFile }, { modelFileText }, codegen, { checkWritable, writeFile }] = await Promise.all(
      [
        import('../../model/network-file.js'),
        import('../../model/model-file.js'),
        import('../../codegen/quantize.js'),
        import('../write-file.js'),
      ],
    );
    const artifact = options.out ?? 'model.json';
    checkWritable(artifact, 'model');
    const { network } = readNetworkFile(networkFile);
    const { model, layers, warnings } = codegen.quantize(network, options.accumulator);
    warnings.forEach(output.warn);
    const check =
      options.data === undefined
        ? null
        : await checkOnData(network, model, options.data, { ...options, note: output.note });
    const limit = options.maxDrop ?? DEFAULT_MAX_DROP;
    if (check && check.drop > limit) {
      rejectData(
        'accuracy-drop',
        t`${check.fall}, by ${check.drop.toFixed(1)} points; the limit is ${limit}`,
        {
          file: networkFile,
          hint: t`train without --no-fixed-point and with --bits 8, or allow more with --max-drop`,
        },
      );
    }
    const { text, hash } = modelFileText(model);
    writeFile(artifact, text);
    const result = {
      artifact,
      modelHash: hash,
      layers,
      ...(check?.fields ?? { agreement: null, accuracy: null }),
      warnings,
    };
    output.result(
      result,
      ({ bold, dim }) => [
        ...proofTable(layers, bold),
        '',
        ...(check?.lines ?? []),
        t`written: ${artifact} ${dim(t`(hash ${hash.slice(0, 16)})`)}`,
        '',
        t`next: ${nextProgram()} generate ${shellWords([artifact])} --board uno -o firmware`,
      ],
      t`${artifact}: every sum proven to fit ${layers.map((layer) => layer.accumulatorBits).join(', ')} bits`,
    );
  },
});
