import { t } from '../../../model/messages.js';
import { counted, grouped, percent } from '../../text-table.js';
import { markup, table, type HtmlPart } from '../markup.js';
import { readVerifications } from '../../verification-record.js';
import type { Section } from './section.js';

/** What devices answered, as `neurona verify` left it in the folder. */
export const verification: Section = ({ directory, modelHash }) => {
  const reports = readVerifications(directory).filter((report) => report.modelHash === modelHash);
  if (reports.length === 0) return null;
  const rows = reports.map(({ on, rows: count, mismatches, accuracy, cycles, microseconds }): HtmlPart[] => [
    on === 'host' ? t`this computer` : on,
    grouped(count),
    mismatches === 0
      ? markup`<span class="good">${t`all equal`}</span>`
      : markup`<span class="bad">${t`${counted(mismatches, 'row')} differ`}</span>`,
    percent(accuracy),
    cycles ? `${grouped(cycles.min)} / ${grouped(cycles.median)} / ${grouped(cycles.max)}` : '–',
    microseconds ? `${microseconds.median.toFixed(1)} µs` : '–',
  ]);
  return {
    title: t`Verified on a device`,
    body: markup`<div id="verification">${table(
      [t`device`, t`rows`, t`bit for bit`, t`accuracy`, t`cycles: least / median / most`, t`median time`],
      rows,
      ['left', 'right', 'left', 'right'],
    )}</div>`,
  };
};
