import { t } from '../../model/messages.js';
import { textTable } from '../text-table.js';
import type { CostSettings } from './cost-settings.js';
import { number, prose, weight } from './notation.js';
import { EPSILON } from './numeric-gradient.js';
import type { LayerTrace, RowTrace } from './row-trace.js';

/** Entries of each layer that stand beside their check. */
const ENTRIES_SHOWN = 4;

/** The cost as the lecture writes it for one row. */
function formula({ loss }: CostSettings, output: string): string {
  if (loss === 'mse') return '½ Σ_k (t_k − a_k)²';
  return output === 'softmax' ? '−Σ_k y_k log h_k' : '−Σ_k [y_k log h_k + (1 − y_k) log(1 − h_k)]';
}

export function costLines(trace: RowTrace, settings: CostSettings): string[] {
  const { layers, cost, squares, magnitudes, regularization } = trace;
  const { l2, l1, rows, leftOut } = settings;
  const { activation } = layers[layers.length - 1].layer;
  const ofSquares = (l2 / (2 * rows)) * squares;
  const ofMagnitudes = (l1 / rows) * magnitudes;
  const hasL1 = l1 > 0;
  return [
    `    J = ${formula(settings, activation)} = ${number(cost)}`,
    `    λ/2n ΣW² = ${number(l2)}/(2·${rows})·${number(squares)} = ${number(ofSquares)}   ${t`(biases left out)`}`,
    ...(hasL1
      ? [`    λ₁/n Σ|W| = ${number(l1)}/${rows}·${number(magnitudes)} = ${number(ofMagnitudes)}`]
      : []),
    `    J + λ/2n ΣW²${hasL1 ? ' + λ₁/n Σ|W|' : ''} = ${number(cost + regularization)}   (${t`together`})`,
    ...(leftOut.length > 0
      ? prose(t`The training also used ${leftOut.join(', ')}, which is not in these formulas.`, 2)
      : []),
  ];
}

function entries({ gradient, numeric }: LayerTrace, l: number): string[][] {
  const found: string[][] = [];
  for (let i = 0; i < gradient.length; i++) {
    for (let j = 0; j < gradient[i].length; j++) {
      if (found.length === ENTRIES_SHOWN) return found;
      if (Number.isNaN(numeric[i][j])) continue;
      found.push([`    ${weight(i + 1, j)}^(${l})`, number(gradient[i][j]), number(numeric[i][j])]);
    }
  }
  return found;
}

export function gradientLines({ layers, largestDifference }: RowTrace, { l1 }: CostSettings): string[] {
  const all = layers.flatMap(({ numeric }) => numeric.flatMap((row) => [...row]));
  const checked = all.filter((value) => !Number.isNaN(value)).length;
  const coverage =
    checked === all.length
      ? t`All ${all.length} entries were checked.`
      : t`${checked} of ${all.length} entries were checked.`;
  const verdict =
    largestDifference === null
      ? t`A step is flat: the numeric gradient is 0 below it. Backpropagation uses a stand-in for g' there, so the two are not expected to agree.`
      : t`The largest difference is ${number(largestDifference)}, relative to the largest entry of its layer.`;
  return [
    ...(l1 > 0
      ? ['    ∂J/∂w_ij^(l) = Δ_ij^(l) + λ/n·w_ij^(l) + λ₁/n·sign(w_ij^(l))', '    ∂J/∂w_i0^(l) = Δ_i0^(l)']
      : ['    ∂J/∂w_ij^(l) = Δ_ij^(l) + λ/n·w_ij^(l)   (j = 0: Δ_i0^(l))']),
    `  ${t`Beside it, its check by central differences`}:`,
    `    (J(w + ε) − J(w − ε)) / 2ε,  ε = ${number(EPSILON)}`,
    '',
    ...textTable(
      [['', t`backpropagation`, t`numeric`], ...layers.flatMap((layer, index) => entries(layer, index + 1))],
      ['left', 'right'],
    ),
    '',
    ...prose(`${coverage} ${verdict}`, 2),
    '',
    ...prose(t`Gradient descent then moves every weight against it:`, 2),
    '    ΔW ∝ −∂J/∂W',
  ];
}
