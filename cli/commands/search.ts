import { FORMATS, type Format } from '../../codegen/formats.js';
import { m, t } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPERAND } from '../data-options.js';
import { interrupted } from '../interruption.js';
import { choice, integer, text, toggle, type OptionGroup } from '../option-spec.js';
import { byteCount, timeSpan } from '../quantities.js';
import { TRAIN_OPTIONS } from './train.js';

/** A group of options without those that a search decides itself, or says otherwise. */
function without<G extends OptionGroup, K extends keyof G & string>(group: G, ...keys: K[]): Omit<G, K> {
  const kept = Object.entries(group).filter(([key]) => !keys.some((own) => own === key));
  return Object.fromEntries(kept) as unknown as Omit<G, K>;
}

export const SEARCH_OPTIONS = {
  'Budget:': {
    board: text(m`board that the network is for, see neurona boards`, m`<id>`),
    maxFlash: byteCount(m`flash that it may take, as 8k (default: all that the board has)`),
    maxRam: byteCount(m`RAM with its stack, as 1k (default: all that the board has)`),
    maxLatency: timeSpan(m`time of the slowest row, as 2ms or 500us (default: any)`),
    format: choice(
      m`kind of project (default: the board's usual one)`,
      m`<format>`,
      Object.keys(FORMATS) as Format[],
    ),
    constantTime: toggle('on', m`time that does not depend on the data: never skip a zero`),
  },
  'Search:': {
    trials: integer(m`networks to train at most (default: 64)`, { from: 1, to: 1000 }),
    folds: integer(m`parts of the training rows to judge by (default: 5; from 10000 rows on, 1 of 5)`, {
      from: 2,
      to: 100,
    }),
    bits: choice(m`bits of a weight (default: each of 8, 4 and 2 is tried)`, m`<n>`, [8, 4, 2]),
  },
  'Files:': without(TRAIN_OPTIONS['Files:'], 'resume'),
  'Test:': without(TRAIN_OPTIONS['Test:'], 'folds'),
  'Network:': without(TRAIN_OPTIONS['Network:'], 'hidden'),
  'Fitting:': TRAIN_OPTIONS['Fitting:'],
  'Against over-fitting:': TRAIN_OPTIONS['Against over-fitting:'],
  'Integers:': without(TRAIN_OPTIONS['Integers:'], 'bits'),
};

export const search = defineCommand({
  name: 'search',
  group: 'From data to board:',
  summary: m`find the best network that fits a board and a budget`,
  description: m`Tries networks of none, one or two hidden layers and weights of 8, 4 or 2 bits: those that may fit are trained on one part of the rows after another, and the worse half is given up each time. Writes the best, trained as neurona train does, and shows those that are better in score, flash, RAM or time than all others. The test rows have no say.`,
  operands: DATA_OPERAND,
  groups: SEARCH_OPTIONS,
  required: ['board'],
  conflicts: [
    ['test', 'testSplit'],
    ['features', 'ignore'],
  ],
  examples: [
    'neurona search iris.csv --board uno',
    'neurona search iris.csv --board uno --max-flash 3k --max-latency 50us',
  ],
  async run(files, settings, { seed, output, beforeExit }) {
    const [
      { startSearch },
      { scoreText, searchBrief, searchLines },
      { lockArtifact },
      { checkWritable, writeFile },
    ] = await Promise.all([
      import('../search/search-thread.js'),
      import('../search/search-lines.js'),
      import('../lock.js'),
      import('../write-file.js'),
    ]);
    const artifact = settings.out ?? 'network.json';
    checkWritable(artifact, 'network');
    lockArtifact(artifact);
    const thread = startSearch({ files, settings, seed }, output);
    beforeExit(async () => {
      const best = await thread.stop();
      if (!best) return interrupted();
      const { hidden, bits } = best;
      const hint = t`the best so far, ${scoreText(best)}: neurona train with --hidden ${hidden.join(',') || '0'} --bits ${bits}`;
      return { ...interrupted(), hint };
    });
    const { training, ...result } = await thread.result;
    beforeExit(null);
    writeFile(artifact, training.text);
    output.result(
      { artifact, ...result },
      (colours) => searchLines({ training, ...result }, artifact, colours),
      searchBrief({ training, ...result }, artifact),
    );
  },
});
