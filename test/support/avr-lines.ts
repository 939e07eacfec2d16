/**
 * The few instructions of which AVR kernels make activations, executed. Registers hold 8 bits, by their names; LPM reads
 * `flash` from its start. Returns the cycles. Carry, zero, negative and sign are those of the last instruction that sets them.
 */
export function execute(
  lines: readonly string[],
  registers: Map<string, number>,
  flash: readonly number[] = [],
): number {
  const valueOf = (operand: string): number => registers.get(operand) ?? Number(operand);
  let [carry, next, cycles] = [0, 0, 0];
  let [isZero, isNegative, isLess] = [false, false, false];
  for (let at = 0; at < lines.length; at++) {
    const [name, first, second] = lines[at].split(/,? /);
    if (name.endsWith(':')) continue;
    const [a, b] = [valueOf(first), valueOf(second)];
    cycles++;
    const skip = (does: boolean): void => {
      if (does) [cycles, at] = [cycles + 1, at + 1];
    };
    const branch = (does: boolean): void => {
      if (does) [cycles, at] = [cycles + 1, lines.indexOf(first.replace('f', ':'), at)];
    };
    const set = (value: number): void => {
      registers.set(first, value & 255);
      isZero = (value & 255) === 0;
      isNegative = (value & 128) !== 0;
    };
    const compare = (difference: number, isFirst: boolean): void => {
      isLess = (a << 24) >> 24 < (b << 24) >> 24;
      carry = difference < 0 ? 1 : 0;
      isZero = (difference & 255) === 0 && (isFirst || isZero);
    };
    const actions: Readonly<Record<string, () => void>> = {
      lsl: () => {
        set(a << 1);
        carry = a >> 7;
      },
      rol: () => {
        set((a << 1) | carry);
        carry = a >> 7;
      },
      add: () => {
        set(a + b);
        carry = (a + b) >> 8;
      },
      adc: () => {
        const sum = a + b + carry;
        set(sum);
        carry = sum >> 8;
      },
      mul: () => {
        cycles++;
        registers.set('r0', (a * b) & 255);
        registers.set('r1', (a * b) >> 8);
        carry = (a * b) >> 15;
      },
      movw: () => {
        const above = (register: string): string => `r${Number(register.slice(1)) + 1}`;
        registers.set(first, b);
        registers.set(above(first), valueOf(above(second)));
      },
      lpm: () => {
        cycles += 2;
        registers.set(first, flash[next++]);
      },
      clr: () => set(0),
      tst: () => set(a),
      mov: () => registers.set(first, b),
      ldi: () => registers.set(first, Number(second)),
      cp: () => compare(a - b, true),
      cpi: () => compare(a - b, true),
      cpc: () => compare(a - b - carry, false),
      cpse: () => skip(a === b),
      sbrc: () => skip((a & (1 << Number(second))) === 0),
      brcc: () => branch(carry === 0),
      brsh: () => branch(carry === 0),
      brlo: () => branch(carry === 1),
      brlt: () => branch(isLess),
      brmi: () => branch(isNegative),
    };
    if (!Object.hasOwn(actions, name)) throw new Error(lines[at]);
    actions[name]();
  }
  return cycles;
}
