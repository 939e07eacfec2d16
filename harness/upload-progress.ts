/** How far a program that uploads says it is. */

export interface UploadProgress {
  /** What it is doing, in its own word, such as `Writing`; empty where it has none. */
  readonly step: string;
  /** 0..100 */
  readonly percent: number;
}

/** avrdude draws one sign for every two per cent where it is no terminal that it writes to. */
const PERCENT_PER_SIGN = 2;
const AVRDUDE = /^(\w+) \| (#*)/;
/** All others; PlatformIO says so of memory, too. */
const TOLD = /^(?!.*\(used )\W*([A-Za-z]*).*?\b(\d{1,3})(?:\.\d+)? ?%/;

/** From what an uploader has said so far; null where its last line says nothing of the kind. */
export function uploadProgress(said: string): UploadProgress | null {
  const line = said.split(/[\r\n\b]+/).findLast((text) => text.trim() !== '') ?? '';
  const bar = AVRDUDE.exec(line);
  if (bar) return { step: bar[1], percent: Math.min(100, PERCENT_PER_SIGN * bar[2].length) };
  const told = TOLD.exec(line);
  return told && { step: told[1], percent: Math.min(100, Number(told[2])) };
}
