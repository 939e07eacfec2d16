/** A fault in the cells of one record. Whoever reads the file knows where that is and makes a `Problem` of it. */
export class CellFault extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    /** Counted from 0; the number of cells means the end of the record. */
    readonly cell: number,
  ) {
    super(message);
    this.name = 'CellFault';
  }
}

/** Throws a `CellFault`. */
export function rejectCell(cell: number, code: string, message: string, hint: string): never {
  throw new CellFault(code, message, hint, cell);
}
