import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Board } from '../model/board.js';
import { t } from '../model/messages.js';
import { RAW_TYPES } from '../model/network.js';
import { Problem } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { installHint } from './packages.js';
import { findProgram } from './find-program.js';

/**
 * Frama-C's Eva follows the generated C for every row of raw features at once, by ranges, and reports each operation that
 * might overflow, each access that might miss its array and each value that might be read before it is written. It sees the
 * C branch of kernels that have assembly, and no hints to GCC: to it a value that inline assembly touches could be any.
 */

export interface Proof {
  readonly statements: number;
  readonly seconds: number;
}

const PROVER = 'frama-c';
const PROOF_MILLISECONDS = 300_000;
const EVA = [
  ...[
    '-eva',
    '-eva-no-print',
    '-eva-precision',
    '3',
    '-eva-slevel',
    '0', // one state at each place: inputs that are zero and skipped would double them, one by one
    '-eva-auto-loop-unroll',
    '100000',
    '-warn-signed-downcast',
  ],
  '-cpp-extra-args=-I. -U__GNUC__',
];

/** A name is looked for among those of all classes, in as many states as there are classes. */
const statesOf = (prefix: string, { targets }: QuantizedModel): string[] =>
  targets ? [] : ['-eva-slevel-function', `${prefix}_class_name:10000`];

/** To Eva an AVR is a machine whose `int` has 16 bits, as its compiler has it; the other cores have 32. */
const machine = (core: Board['core']): string => (core === 'avr' ? 'x86_16' : 'x86_32');

/** What Eva says of the operations that it cannot prove, each with its line of the source. */
function alarmsOf(said: string): string[] {
  return Array.from(
    said.matchAll(/^\[eva:alarm\] (\S+):(\d+): Warning:\s+([^\n]*)/gm),
    ([, file, line, what]) => `${file}:${line}: ${what}`,
  );
}

const program = (prefix: string, { input, targets, probability }: QuantizedModel): string => {
  const PREFIX = prefix.toUpperCase();
  // Ends of 32 bits as C has them: no literal is negative.
  const end = (value: number): string => (value < 0 ? `(${value + 1} - 1)` : `${value}`);
  const { lowest, highest } = RAW_TYPES[input.rawType];
  return `#include "__fc_builtin.h"
#include "${prefix}.h"
static ${prefix}_raw_t features[${PREFIX}_FEATURES];
static int32_t answers[${PREFIX}_OUTPUTS];
int main(void)
{
    uint16_t i;
${targets ? '' : `    static char name[${PREFIX}_NAME_SIZE];\n`}${probability ? `    static uint16_t shares[${PREFIX}_CLASSES];\n` : ''}    for (i = 0u; i < ${PREFIX}_FEATURES; i++) {
        features[i] = (${prefix}_raw_t)Frama_C_long_interval(${end(lowest)}, ${end(highest)});
    }
${
  targets
    ? `    ${prefix}_predict(features, answers);\n`
    : `    ${prefix}_class_name(${prefix}_predict(features, answers), name);\n    ${prefix}_class_name((uint8_t)Frama_C_interval(0, 255), name);\n`
}${probability ? `    ${prefix}_probabilities(answers, shares);\n` : ''}    return 0;
}
`;
};

function unproven(message: string, hint: string): Problem {
  return new Problem({ kind: 'toolchain', code: 'not-proven', message, hint });
}

/**
 * Proves that a model's two files have no undefined behaviour on a core, for any features: 0 alarms of Eva. Throws a `Problem`: `missing-tool` without
 * Frama-C, `not-proven` where it raises an alarm or does not end in time.
 */
export async function proveModel(
  prefix: string,
  header: string,
  source: string,
  model: QuantizedModel,
  core: Board['core'],
): Promise<Proof> {
  const prover = findProgram(PROVER);
  if (prover === null) {
    throw new Problem({
      kind: 'toolchain',
      code: 'missing-tool',
      message: t`missing: ${PROVER} (proves that the C has no undefined behaviour)`,
      hint: installHint(['frama-c-base']),
    });
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'neurona-prove-'));
  const started = performance.now();
  try {
    writeFileSync(path.join(folder, `${prefix}.h`), header);
    writeFileSync(path.join(folder, `${prefix}.c`), source);
    writeFileSync(path.join(folder, 'every_row.c'), program(prefix, model));
    const { said, late } = await new Promise<{ said: string; late: boolean }>((resolve) => {
      const env = { ...process.env, PWD: folder }; // it trusts that more than the working directory
      const options = { cwd: folder, env, timeout: PROOF_MILLISECONDS, maxBuffer: 1 << 26 };
      execFile(
        prover,
        [...EVA, ...statesOf(prefix, model), '-machdep', machine(core), 'every_row.c', `${prefix}.c`],
        options,
        (error, stdout, stderr) => resolve({ said: `${stdout}${stderr}`, late: error?.killed ?? false }),
      );
    });
    if (late) {
      throw unproven(
        t`${PROVER} did not end within ${PROOF_MILLISECONDS / 1000} s`,
        t`a network of a few hundred weights takes seconds; sums are proven for every size when quantising`,
      );
    }
    const statements = Number(/(\d+) statements reached/.exec(said)?.[1] ?? 0);
    const [alarm] = alarmsOf(said);
    if (alarm !== undefined)
      throw unproven(`${PROVER}: ${alarm}`, t`generate without --prove, and please report it`);
    if (statements === 0 || !/^ {2}0 alarms generated/m.test(said))
      throw unproven(
        t`${PROVER} failed: ${said.trim().split('\n').at(-1)}`,
        t`is it the version that Debian or Ubuntu has?`,
      );
    return { statements, seconds: (performance.now() - started) / 1000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
