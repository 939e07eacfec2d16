/** Cycles and bytes of AVR assembly with flash of up to 128 KB. Instruction set manual: Microchip DS40002198. */

/** All others that kernels use take one cycle; a branch that is taken takes one more. */
const CYCLES: Readonly<Record<string, number>> = {
  adiw: 2,
  call: 4,
  ld: 2,
  lpm: 3,
  mul: 2,
  mulsu: 2,
  pop: 2,
  push: 2,
  rcall: 3,
  ret: 4,
  rjmp: 2,
  st: 2,
};

const isLabel = (line: string): boolean => line.endsWith(':');

/**
 * Cycles from the first line to the last, where branches named in `taken` go to their label, further down, and all others
 * go on. An instruction that skips the next one takes as long as both, which holds for those that take one cycle.
 */
export function avrCycles(lines: readonly string[], taken: readonly string[] = []): number {
  let cycles = 0;
  for (let at = 0; at < lines.length; at++) {
    if (isLabel(lines[at])) continue;
    const [name, operand] = lines[at].split(' ');
    cycles += CYCLES[name] ?? 1;
    if (!taken.includes(name)) continue;
    cycles++;
    at = lines.indexOf(operand.replace('f', ':'), at);
  }
  return cycles;
}

/** Where `label` stands: the next one of a local label, `1f`, else the only one of that name. */
function target(lines: readonly string[], label: string, at: number): number {
  return /^\d+f$/.test(label) ? lines.indexOf(label.replace('f', ':'), at) : lines.indexOf(`${label}:`);
}

/**
 * Cycles of code with subroutines, and loops that r28 counts, where no input is zero. Of other branches each passes over
 * one instruction of one cycle, which takes as long either way.
 */
export function avrRunCycles(lines: readonly string[]): number {
  let cycles = 0;
  let counter = 0;
  const returns: number[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (isLabel(line)) continue;
    const [name, operand, value] = line.split(/[ ,]+/);
    cycles += CYCLES[name] ?? 1;
    if (name === 'ldi' && operand === 'r28') counter = Number(value);
    else if (line === 'dec r28') counter--;
    const isTested = lines[at - 1] === 'tst r20';
    const isTaken =
      name === 'rjmp' ||
      (name === 'brne' && (isTested || counter > 0)) ||
      (name === 'breq' && !isTested && counter === 0);
    if (name === 'ret') at = returns.pop()!;
    else if (name === 'rcall' || isTaken) {
      if (name === 'rcall') returns.push(at);
      else if (name !== 'rjmp') cycles++;
      at = target(lines, operand, at);
    }
  }
  return cycles;
}

/** All instructions that kernels use take one word but CALL. */
export const avrBytes = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + (isLabel(line) ? 0 : line.startsWith('call ') ? 4 : 2), 0);
