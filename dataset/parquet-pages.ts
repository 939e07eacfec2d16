import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { parquetPlan } from 'hyparquet/src/plan.js';
import { t } from '../model/messages.js';

/**
 * Checks what the headers of a column's pages say. The library believes their counts and makes room for as many
 * values, however large: a damaged one would take minutes and all memory.
 */

/** What is wrong with a file, in words for people. */
export class ParquetFault extends Error {}

type Header = ReturnType<typeof parquetHeader>;

const isCount = (value: unknown, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

/** Values of the page, at most `most`; 0 for a dictionary. Throws a `ParquetFault` for counts that cannot be. */
function countValues(header: Header, most: number): number {
  const { uncompressed_page_size: bytes, dictionary_page_header: dictionary } = header;
  const { data_page_header: first, data_page_header_v2: second } = header;
  let isSound = dictionary !== undefined && isCount(dictionary.num_values, 8 * bytes); // a bit at least for each
  if (header.type === 'DATA_PAGE') isSound = first !== undefined && isCount(first.num_values, most);
  if (header.type === 'DATA_PAGE_V2') {
    isSound =
      second !== undefined &&
      isCount(second.num_values, most) &&
      isCount(second.num_nulls, second.num_values) &&
      second.num_rows === second.num_values && // no lists
      isCount(second.definition_levels_byte_length, bytes) &&
      isCount(second.repetition_levels_byte_length, bytes);
  }
  if (!isSound) throw new ParquetFault(t`the counts of a page cannot be right`);
  return header.type === 'DATA_PAGE' ? first!.num_values : (second?.num_values ?? 0);
}

/**
 * Throws a `ParquetFault` where the pages of a column without lists, in the row group of these rows, do not hold one value,
 * or null, for each row.
 */
export async function checkPages(
  file: AsyncBuffer,
  metadata: FileMetaData,
  column: string,
  rowStart: number,
  rowEnd: number,
): Promise<void> {
  const plan = parquetPlan({ file, metadata, columns: [column], rowStart, rowEnd });
  for (const { range } of plan.groups.flatMap(({ chunks }) => chunks)) {
    const reader = { view: new DataView(await file.slice(range.startByte, range.endByte)), offset: 0 };
    const { byteLength } = reader.view;
    let missing = rowEnd - rowStart;
    while (missing > 0 && reader.offset < byteLength) {
      const header = parquetHeader(reader);
      missing -= countValues(header, missing);
      if (!isCount(header.compressed_page_size, byteLength - reader.offset))
        throw new ParquetFault(t`a page is longer than its column`);
      reader.offset += header.compressed_page_size;
    }
    if (missing > 0) throw new ParquetFault(t`${missing} of ${rowEnd - rowStart} rows are missing`);
  }
}
