import pc from 'picocolors';
import type { Dataset } from '../../dataset/dataset.js';
import { checkFeatures } from '../../dataset/feature-check.js';
import { ENGLISH, inLanguage, t, type Language } from '../../model/messages.js';
import type { Network } from '../../model/network.js';
import { Problem, rejectData } from '../../model/problem.js';
import { standardizeTargets } from '../../trainer/target-scaling.js';
import { costSettings } from './cost-settings.js';
import {
  explanationLines,
  explanationObject,
  type Explained,
  type ExplanationObject,
} from './explanation.js';
import { traceRow } from './row-trace.js';

type Aim = number | Float64Array;

/** What the data says about a row, as it stands there and as the network is to output it: a class, or numbers. */
function aimOf({ targets }: Network, data: Dataset, row: number): { actual: Aim; aim: Aim } {
  if (!targets) {
    const labels = data.labels ?? rejectData('no-labels', t`the data has no label column to compare with`);
    return { actual: labels[row], aim: labels[row] };
  }
  const values = data.targets ?? rejectData('no-labels', t`the data has no target column to compare with`);
  const count = values.names.length;
  const actual = values.values.slice(row * count, (row + 1) * count);
  return { actual, aim: standardizeTargets(actual, targets) };
}

/**
 * Follows one row (from 1) of data in the network's own features. `file` is what problems call the network. Throws a
 * `Problem`: `row-out-of-range`, `no-labels`, `other-features`, `unknown-cost`.
 */
export function explainRow(
  network: Network,
  data: Dataset,
  row: number,
  lang: Language,
  file: string,
): Explained {
  const settings = costSettings(network, file);
  checkFeatures(data, network.features);
  if (!Number.isInteger(row) || row < 1 || row > data.rows) {
    throw new Problem({
      kind: 'usage',
      code: 'row-out-of-range',
      message: t`--row is ${row}; the data has rows 1..${data.rows}`,
      hint: t`choose a row from 1 to ${data.rows}`,
    });
  }
  const features = network.features.length;
  const raw = Float64Array.from(data.values.subarray((row - 1) * features, row * features));
  const { actual, aim } = aimOf(network, data, row - 1);
  const trace = traceRow(network, raw, aim, settings);
  return { network, trace, settings, row, data: data.name, actual, lang };
}

export interface RowExplanation {
  /** What `neurona explain` prints. */
  readonly text: string;
  /** What `neurona explain --json` prints. */
  readonly object: ExplanationObject;
}

/**
 * One row (from 1) forwards and backwards, as `neurona explain` shows it. `data` is read with the network as its
 * reference. Throws the `Problem`s of that command.
 */
export function explain(
  network: Network,
  data: Dataset,
  row: number,
  { lang = ENGLISH }: { readonly lang?: Language } = {},
): RowExplanation {
  const explained = explainRow(network, data, row, lang, 'network');
  return {
    text: inLanguage(lang, () => explanationLines(explained, pc.createColors(false)).join('\n')),
    object: explanationObject(explained),
  };
}
