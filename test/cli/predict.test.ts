import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { predict } from '../../model/infer.js';
import { readModelFile } from '../../model/model-file.js';
import { rawFeatures } from '../../model/raw-features.js';
import { folderWith, IRIS, runCli, runFailing, runJson } from './run-cli.js';

interface Prediction {
  readonly row: number;
  readonly class: string;
  readonly label?: string;
  readonly outputs: readonly number[];
}

const lines = readFileSync(IRIS, 'utf8').trimEnd().split('\n');
const cells = lines.map((line) => line.split(','));
const NAME = 'iris, "wild"'; // what a class name may hold
const join = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.join(',')}\n`).join('');
const withName = cells.map((row) =>
  row.map((cell) => (cell === 'virginica' ? `"${NAME.replaceAll('"', '""')}"` : cell)),
);

const folder = folderWith({
  'train.csv': join(withName),
  'labelled.csv': join(withName),
  'unlabelled.csv': join(cells.map((row) => row.slice(0, 4))),
  'no-header.csv': join(withName.slice(1)),
  'no-header-unlabelled.csv': join(cells.slice(1).map((row) => row.slice(0, 4))),
  'full.csv': join(withName.map((row, i) => [i === 0 ? 'id' : `r${i}`, ...row, i === 0 ? 'note' : 'x y'])),
  'nameless.csv': join(cells.map((row, i) => [i === 0 ? '' : String(i - 1), '', ...row])),
  'half-number.csv': '5.1,x,1.4,0.2\n',
  'text-labelled.csv': 'sepal_length,sepal_width,petal_length,petal_width,species\n5.1,x,1.4,0.2,setosa\n',
  'text.csv': 'sepal_length,sepal_width,petal_length,petal_width\n5.1,x,1.4,0.2\n',
  'other-labels.csv': join(cells.map((row, i) => [...row.slice(0, 4), i === 0 ? 'kind' : '?'])),
});
const predictionsOf = (object: Record<string, unknown>): Prediction[] => object.predictions as Prediction[];
let expected: Prediction[];

beforeAll(async () => {
  await runJson(['train', 'train.csv', '--epochs', '40'], folder);
  await runJson(['quantize', 'network.json'], folder);
  const { model } = readModelFile(path.join(folder, 'model.json'));
  expected = cells.slice(1).map((row, r) => {
    const { class: index, outputs } = predict(
      model,
      rawFeatures(row.slice(0, 4).map(Number), 4, model.input),
    );
    return { row: r + 1, class: model.classes[index], outputs: [...outputs] };
  });
}, 30_000);

describe('predict', () => {
  it.each([
    ['model.json', 'labelled.csv'],
    ['network.json', 'unlabelled.csv'],
    ['model.json', 'no-header.csv'],
    ['model.json', 'no-header-unlabelled.csv'],
    ['network.json', 'full.csv'],
    ['model.json', 'nameless.csv'],
    ['model.json', 'other-labels.csv'],
  ])('gives of %s what the reference computes for every row of %s', async (artifact, data) => {
    const { code, stderr, object } = await runJson(['predict', artifact, data], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { hash } = readModelFile(path.join(folder, 'model.json'));
    expect(object).toMatchObject({ artifact, rows: 150, modelHash: hash });
    expect(predictionsOf(object)).toEqual(expected);
  });

  it('shows the label beside where it is named', async () => {
    const { object } = await runJson(['predict', 'model.json', 'full.csv', '--label', 'species'], folder);
    const evaluated = await runJson(['evaluate', 'model.json', 'labelled.csv'], folder);
    const right = predictionsOf(object).filter((row) => row.class === row.label).length;
    expect(right / 150).toBe(evaluated.object.accuracy);
  });

  it('as CSV has the same rows, names in quotes where they need them', async () => {
    const { stdout } = await runCli(['predict', 'model.json', 'unlabelled.csv', '--csv'], folder);
    const quoted = `"${NAME.replaceAll('"', '""')}"`;
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toBe(`row,class,${quoted},setosa,versicolor`);
    expect(rows).toEqual(
      expected.map(({ row, class: name, outputs }) =>
        [row, name.includes(',') ? quoted : name, ...outputs].join(','),
      ),
    );
  });

  it('in floating point gives probabilities and the classes of evaluate', async () => {
    const { object } = await runJson(
      ['predict', 'network.json', 'full.csv', '--float', '--label', 'species'],
      folder,
    );
    const evaluated = await runJson(['evaluate', 'network.json', 'labelled.csv'], folder);
    const rows = predictionsOf(object);
    for (const { outputs } of rows) expect(outputs.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(rows.filter((row) => row.class === row.label).length / 150).toBe(evaluated.object.accuracy);
    expect(object.modelHash).toBeNull();
  });

  it('prints a table within 80 columns, without the outputs where they do not fit', async () => {
    const many = folderWith({
      'many.csv': `a,y\n${Array.from({ length: 40 }, (_, i) => `${i},a class with a name ${i % 20}\n`).join('')}`,
    });
    await runJson(['train', 'many.csv', '--epochs', '1', '--test-split', '0'], many);
    const wide = await runCli(['predict', 'network.json', 'many.csv'], many);
    const narrow = await runCli(['predict', 'model.json', 'unlabelled.csv', '-q'], folder);
    for (const line of `${wide.stdout}${narrow.stdout}`.split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
    expect(wide.stdout).toContain('--json');
    expect(wide.stdout.trimEnd().split('\n')).toHaveLength(42);
    expect(narrow.stdout).toContain(`  ${expected[0].outputs[0]}`);
  });

  it.each([
    [['predict', 'model.json', 'full.csv', '--csv'], 2, 'conflicting-options', '--csv and --json'],
    [['predict', 'model.json', 'full.csv', '--float'], 2, 'wrong-kind', '--float needs a network'],
    [['predict', 'model.json', 'other-labels.csv', '--label', 'kind'], 1, 'unknown-label', '"?"'],
    [['predict', 'model.json', 'full.csv', '--no-header'], 1, 'wrong-cell-count', 'expected 4 or 5'],
    [['predict', 'full.csv', 'full.csv'], 1, 'not-an-artifact', 'expected a JSON object'],
  ])('%j is refused', async (words, exit, code, message) => {
    const failed = await runFailing(words, folder);
    expect({ exit: failed.exit, code: failed.error.code }).toEqual({ exit, code });
    expect(failed.error.message).toContain(message);
  });

  it.each([
    ['predict', 'text.csv', 'mend the cell: the network was trained with numbers in this column'],
    ['evaluate', 'text-labelled.csv', 'mend the cell: the network was trained with numbers in this column'],
    ['predict', 'half-number.csv', 'mend the cell; if this row is a header, say --header'],
  ])('%s of %s gives no option as a remedy that it lacks', async (command, data, hint) => {
    const { error } = await runFailing([command, 'network.json', data], folder);
    expect(error).toMatchObject({ code: 'cell-not-a-number', hint });
  });
});
