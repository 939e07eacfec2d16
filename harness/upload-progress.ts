/** How far a program that uploads says it is. */

export type UploadStep = 'erasing' | 'writing' | 'reading back';

export interface UploadProgress {
  /** What it is doing; null where it does not say so in a word that is known. */
  readonly step: UploadStep | null;
  /** 0..100 */
  readonly percent: number;
}

/** The first word of a line. */
const STEPS: ReadonlyMap<string, UploadStep> = new Map([
  ['Erase', 'erasing'], // dfu-util
  ['Writing', 'writing'], // avrdude, esptool
  ['Download', 'writing'], // dfu-util
  ['Loading', 'writing'], // picotool
  ['Reading', 'reading back'], // avrdude
  ['Verifying', 'reading back'], // picotool
] as const);

/** avrdude draws one sign for every two per cent where it is no terminal that it writes to. */
const PERCENT_PER_SIGN = 2;
const AVRDUDE = /^(\w+) \| (#*)/;
/** All others; PlatformIO and arduino-cli say so of memory, too. */
const TOLD = /^(?!.*(?:\(used |bytes \())\W*([A-Za-z]*).*?\b(\d{1,3})(?:\.\d+)? ?%/;

/** From what an uploader has said so far; null where its last line says nothing of the kind. */
export function uploadProgress(said: string): UploadProgress | null {
  const line = said.split(/[\r\n\b]+/).findLast((text) => text.trim() !== '') ?? '';
  const bar = AVRDUDE.exec(line);
  const told = bar ?? TOLD.exec(line);
  if (!told) return null;
  const percent = bar ? PERCENT_PER_SIGN * bar[2].length : Number(told[2]);
  return { step: STEPS.get(told[1]) ?? null, percent: Math.min(100, percent) };
}
