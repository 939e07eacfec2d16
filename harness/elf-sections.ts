/** Sections of a 32-bit little-endian ELF file that take up memory. Source: System V ABI, chapter 4. */

export interface Section {
  readonly name: string;
  readonly bytes: number;
}

const MAGIC = 0x464c457f;
const IS_32_BIT = 1;
const IS_LITTLE_ENDIAN = 1;
/** SHF_ALLOC */
const ALLOCATED = 2;

/** Null where the bytes are no such file, or not all of it. */
export function allocatedSections(elf: Buffer): Section[] | null {
  if (elf.length < 52 || elf.readUInt32LE(0) !== MAGIC || elf[4] !== IS_32_BIT || elf[5] !== IS_LITTLE_ENDIAN)
    return null;
  const [table, size, count] = [elf.readUInt32LE(32), elf.readUInt16LE(46), elf.readUInt16LE(48)];
  if (size < 40 || table + size * count > elf.length) return null;
  const names = elf.readUInt32LE(table + size * elf.readUInt16LE(50) + 16);
  const text = elf.toString('latin1');
  return Array.from({ length: count }, (_, k) => table + size * k)
    .filter((header) => (elf.readUInt32LE(header + 8) & ALLOCATED) !== 0)
    .map((header) => {
      const start = names + elf.readUInt32LE(header);
      return { name: text.slice(start, text.indexOf('\0', start)), bytes: elf.readUInt32LE(header + 20) };
    });
}
