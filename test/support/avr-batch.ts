import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { generateFirmware } from '../../codegen/generate.js';
import { AVR_CHIPS, flashImage, powerOn } from '../../harness/avr-chip.js';
import { guard } from '../../harness/qemu.js';
import { modelFileText } from '../../model/model-file.js';
import { findBoard } from '../../model/board.js';
import { answerWidth, finishOf, referenceAnswers, rowBytes, type CoreCase } from './core-batch.js';
import { digests, DRAWING, drawingFunction, drawnRows, FIRST_DRAWN } from './drawn-rows.js';
import { WARNINGS } from './host-batch.js';

/** Many models in one program for an AVR, which reads raw rows from its serial port, or draws them, and answers each on it. */

const run = promisify(execFile);

/** Boards that both avr8js and QEMU know. */
export const AVR_BOARDS = {
  uno: { mcu: 'atmega328p', machine: 'uno' },
  mega: { mcu: 'atmega2560', machine: 'mega2560' },
} as const;
export type AvrBoard = keyof typeof AVR_BOARDS;

/** For each row the class (0 where numbers are predicted), raw outputs, and the numbers or probabilities, if there are any. */
const PROGRAM = `
static void read_bytes(void *to, uint16_t count)
{
    uint8_t *byte = to;
    while (count-- > 0u) {
        while ((UCSR0A & (1 << RXC0)) == 0) {
        }
        *byte++ = UDR0;
    }
}
static void write_bytes(const void *from, uint16_t count)
{
    const uint8_t *byte = from;
    while (count-- > 0u) {
        while ((UCSR0A & (1 << UDRE0)) == 0) {
        }
        UDR0 = *byte++;
    }
}
static void answer_row(uint8_t in_short, uint16_t count)
{
    if (in_short) {
        answer[0] = (int32_t)digest_of(answer, count);
        count = 1u;
    }
    write_bytes(answer, 4u * count);
}
#define RUN(name, NAME, FINISH) do { \\
    name##_raw_t *const raw = (name##_raw_t *)features; \\
    uint16_t rows[3]; /* on the line, answered in full and in short; to be drawn, answered in short */ \\
    uint8_t kind; \\
    read_bytes(rows, sizeof rows); \\
    drawn = ${FIRST_DRAWN}ul; \\
    for (kind = 0; kind < 3u; kind++) while (rows[kind] > 0u) { \\
        rows[kind]--; \\
        if (kind == 2u) name##_draw(raw); \\
        else read_bytes(raw, sizeof *raw * NAME##_FEATURES); \\
        FINISH(name, NAME) \\
    } \\
} while (0)
#define DECIDE(name, NAME) \\
    answer[0] = name##_predict(raw, answer + 1); \\
    answer_row(kind > 0u, 1u + NAME##_OUTPUTS);
#define SHARES(name, NAME) \\
    answer[0] = name##_predict(raw, answer + 1); \\
    name##_probabilities(answer + 1, shares); \\
    for (i = 0; i < NAME##_CLASSES; i++) answer[1u + NAME##_OUTPUTS + i] = shares[i]; \\
    answer_row(kind > 0u, 1u + NAME##_OUTPUTS + NAME##_CLASSES);
#define VALUES(name, NAME) \\
    answer[0] = 0; \\
    for (i = 0; i < NAME##_FEATURES; i++) x[i] = name##_quantize_feature(i, raw[i]); \\
    name##_forward(x, answer + 1); \\
    name##_predict(raw, answer + 1 + NAME##_OUTPUTS); \\
    answer_row(kind > 0u, 1u + 2u * NAME##_OUTPUTS);
`;

export interface AvrBatch {
  readonly kernels: readonly string[];
  /**
   * The bytes on the line for all rows of each model, and for so many more, answered in short, as the program draws by itself;
   * or as come on the line as well, which in avr8js, where a byte takes no time, costs less than to draw them.
   */
  readonly dialogue: (more: number, come?: 'drawn' | 'on the line') => Dialogue;
}

export interface Dialogue {
  readonly input: Buffer;
  readonly expected: Buffer;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array | Uint16Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Writes the models and `main.c`, which runs them. */
export function writeAvrBatch(folder: string, cases: readonly CoreCase[]): AvrBatch {
  mkdirSync(folder, { recursive: true });
  const kernels: string[] = [];
  cases.forEach(({ model, board, constantTime }, k) => {
    const settings = { format: 'c', name: `m${k}`, folderName: 'batch' } as const;
    const modelHash = modelFileText(model).hash;
    const firmware = generateFirmware({ ...settings, model, modelHash, board, constantTime });
    kernels.push(...firmware.kernels);
    for (const file of firmware.files)
      if (!file.path.includes('/')) writeFileSync(path.join(folder, file.path), file.content);
  });
  const features = Math.max(...cases.map(({ model }) => model.input.features.length));
  const width = Math.max(...cases.map(({ model }) => answerWidth(model)));
  const includes = cases.map((_, k) => `#include "m${k}.c"\n`).join('');
  const draws = cases
    .map(({ model }, k) => drawingFunction(`m${k}`, model, 'PROGMEM', 'pgm_read_dword'))
    .join('');
  const runs = cases.map(({ model }, k) => `    RUN(m${k}, M${k}, ${finishOf(model)});\n`);
  const memory = `static int32_t features[${features}];\nstatic uint8_t x[${features}];\nstatic int32_t answer[${width}];\nstatic uint16_t shares[${width}];\n`;
  const main = `int main(void)\n{\n    uint16_t i;\n    (void)i;\n    (void)x;\n    (void)shares;\n    UCSR0A = 1 << U2X0;\n    UCSR0B = (1 << RXEN0) | (1 << TXEN0);\n${runs.join('')}    for (;;) {\n    }\n}\n`;
  writeFileSync(
    path.join(folder, 'main.c'),
    `#include <avr/io.h>\n${includes}${memory}${DRAWING}${draws}${PROGRAM}${main}`,
  );
  return {
    kernels,
    dialogue: (more, come = 'drawn') => ({
      input: Buffer.concat(
        cases.flatMap((one) => {
          const rows = one.raw.length / one.model.input.features.length;
          const isDrawn = come === 'drawn';
          const counts = bytesOf(Uint16Array.of(rows, isDrawn ? 0 : more, isDrawn ? more : 0));
          if (isDrawn) return [counts, rowBytes(one)];
          return [counts, rowBytes(one), rowBytes({ ...one, raw: drawnRows(one.model, more) })];
        }),
      ),
      expected: Buffer.concat(
        cases.flatMap(({ model, raw }) => {
          const own = referenceAnswers({ model, raw: drawnRows(model, more) });
          return [referenceAnswers({ model, raw }), digests(own, answerWidth(model))].map(bytesOf);
        }),
      ),
    }),
  };
}

/** Compiles a written batch into `main.elf` and `main.hex`, with what else the linker is to be told. */
export async function compileAvrBatch(
  folder: string,
  board: AvrBoard,
  link: readonly string[] = [],
): Promise<void> {
  const [elf, hex] = ['main.elf', 'main.hex'].map((name) => path.join(folder, name));
  const source = path.join(folder, 'main.c');
  const strict = WARNINGS.filter((flag) => !/conversion|pedantic/.test(flag)); // what avr-libc's registers are not written for
  const flags = [`-mmcu=${AVR_BOARDS[board].mcu}`, '-std=gnu99', '-Os', ...strict, ...link];
  await run('avr-gcc', [...flags, source, '-o', elf]);
  await run('avr-objcopy', ['-O', 'ihex', elf, hex]);
}

const UDR0 = 0xc6;
/** Cycles between the program's taking a byte and the next one's coming. */
const GAP = 8;
/** More than any batch takes. */
const INSTRUCTIONS = 1e9;
/** Instructions between two looks at the event loop, where QEMU's answers come. */
const SLICE = 1e6;
const QEMU_MILLISECONDS = 100_000;

/** What the program answers in avr8js; ends early where it waits for more. */
export async function runInAvr8js(
  folder: string,
  board: AvrBoard,
  { input, expected }: Dialogue,
): Promise<Buffer> {
  const facts = AVR_CHIPS[AVR_BOARDS[board].mcu];
  const flash = flashImage(readFileSync(path.join(folder, 'main.hex'), 'utf8'), facts);
  const chip = powerOn(flash, findBoard(board).clockHz!, facts);
  const { cpu, usart } = chip;
  const answer: number[] = [];
  usart.onByteTransmit = (byte) => answer.push(byte);
  let at = 0;
  const send = (): void => {
    if (at < input.length && usart.writeByte(input[at], true) !== false) at++;
  };
  const read = cpu.readHooks[UDR0];
  cpu.readHooks[UDR0] = (address) => {
    cpu.addClockEvent(send, GAP);
    return read(address);
  };
  chip.run(INSTRUCTIONS, () => usart.rxEnable);
  send();
  const hasAnswered = (): boolean => answer.length >= expected.length;
  for (let done = 0; done < INSTRUCTIONS && !hasAnswered(); done += SLICE) {
    if (chip.run(SLICE, hasAnswered)) break;
    await nextTurn();
  }
  return Buffer.from(answer);
}

/** What the same program answers in QEMU. */
export async function runInQemu(
  folder: string,
  board: AvrBoard,
  { input, expected }: Dialogue,
): Promise<Buffer> {
  const machine = ['-M', AVR_BOARDS[board].machine, '-bios', path.join(folder, 'main.elf')];
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'stdio'];
  const qemu = spawn('qemu-system-avr', [...machine, ...quiet], { stdio: ['pipe', 'pipe', 'inherit'] });
  guard(qemu);
  const ended = once(qemu, 'close');
  const deadline = setTimeout(() => qemu.kill('SIGKILL'), QEMU_MILLISECONDS);
  const answer: Buffer[] = [];
  let bytes = 0;
  qemu.stdout.on('data', (block: Buffer) => {
    answer.push(block);
    bytes += block.length;
    if (bytes >= expected.length) qemu.kill('SIGKILL');
  });
  qemu.stdin.on('error', () => {}); // it ends as soon as it has answered
  qemu.stdin.write(input);
  await ended;
  clearTimeout(deadline);
  return Buffer.concat(answer);
}
