import { readFileSync, existsSync } from 'node:fs';
import { inLanguage, m, t } from '../../model/messages.js';
import { rejectData } from '../../model/problem.js';
import { defineCommand } from '../command-spec.js';
import { DATA_OPTIONS } from '../data-options.js';
import { shellWords } from '../../model/shell-words.js';
import { nextProgram } from '../invocation.js';
import { filePath } from '../option-spec.js';
import { grouped, textTable } from '../text-table.js';

const DEFAULT_FILE = 'report.html';

export const report = defineCommand({
  name: 'report',
  group: 'From data to board:',
  summary: m`a page with plots of a generated model`,
  description: m`One HTML file that loads nothing: accuracy in floating point and in integers, learning curves, confusion, weights, activations, error per layer, bounds of the sums, memory, and the rows that are wrong. The network and the rows it was trained on are found beside the folder by their hashes; other rows can be named.`,
  operands: {
    '<dir>': m`folder made by neurona generate`,
    '[data...]': m`rows to report on (default: those of the training)`,
  },
  groups: {
    'Report:': {
      out: filePath(m`the page (default: ${DEFAULT_FILE})`, m`<file>`, 'o'),
      network: filePath(
        m`network.json that the folder was generated from (default: found by its hash)`,
        m`<file>`,
      ),
    },
    'Data:': DATA_OPTIONS,
  },
  examples: ['neurona report firmware', 'neurona report firmware new.csv -o new.html'],
  async run([directory, ...files], { out, network, label, header }, { output, language }) {
    const [{ gatherSubject, partName }, { GENERATOR, reportPage }, { checkWritable, writeFile }] =
      await Promise.all([
        import('../report/subject.js'),
        import('../report/page.js'),
        import('../write-file.js'),
      ]);
    const file = out ?? DEFAULT_FILE;
    checkWritable(file);
    if (existsSync(file) && !readFileSync(file, 'utf8').slice(0, 400).includes(GENERATOR)) {
      rejectData('would-overwrite', t`is there and is no report of neurona; it is left as it was`, {
        file,
        hint: t`choose another name with -o, or delete the file first`,
      });
    }
    output.progress(t`looking at the model …`);
    const subject = await gatherSubject(directory, files, { network, label, header, note: output.note });
    const page = inLanguage(language, () => reportPage(subject));
    writeFile(file, page);
    const figures = [...page.matchAll(/<figure id="([^"]+)"/g)].map(([, id]) => id);
    const { found, parts, modelHash } = subject;
    const rows = parts.reduce((sum, { data }) => sum + data.rows, 0);
    const result = { file, directory, modelHash, network: found?.file ?? null, rows, figures };
    const about = (name: string): string => t`${name}: ${figures.length} figures over ${grouped(rows)} rows`;
    output.result(
      result,
      ({ bold, dim }) => [
        about(bold(file)),
        '',
        ...textTable(
          [
            [t`network`, found ? found.file : dim(t`not found: add --network FILE`)],
            [
              t`rows`,
              parts.length > 0
                ? parts.map((part) => `${grouped(part.data.rows)} ${partName(part)}`).join(', ')
                : dim(t`not found: ${nextProgram()} report ${shellWords([directory])} DATA`),
            ],
          ],
          ['left'],
        ),
        '',
        t`open it in a browser; it needs no network`,
      ],
      about(file),
    );
  },
});
