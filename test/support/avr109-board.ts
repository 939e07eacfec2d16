import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { vi } from 'vitest';

/**
 * What a Leonardo's bootloader answers (Atmel's application note AVR109, of which avrdude asks for the blocks), behind a
 * pseudo-terminal: enough to be uploaded to and read back.
 */

const OK = Buffer.from('\r');
/** Of an ATmega32U4, the last byte first. */
const SIGNATURE = Buffer.of(0x87, 0x95, 0x1e);
const BLOCK_BYTES = 128;

/** Answers without arguments, by their letter. */
const ANSWERS: Readonly<Record<string, Buffer>> = {
  S: Buffer.from('CATERIN'),
  V: Buffer.from('10'),
  p: Buffer.from('S'),
  a: Buffer.from('Y'),
  b: Buffer.of(0x59, BLOCK_BYTES >> 8, BLOCK_BYTES & 0xff),
  t: Buffer.of(0x44, 0),
  s: SIGNATURE,
  P: OK,
  L: OK,
  E: OK,
  e: OK,
};

export interface Avr109Board {
  readonly flash: Buffer;
  stop(): void;
}

export async function avr109Board(port: string): Promise<Avr109Board> {
  const flash = Buffer.alloc(32_768, 0xff);
  const line = spawn('socat', [`PTY,link=${port},raw,echo=0`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let at = 0;
  let asked = Buffer.alloc(0);

  /** The answer to the first question and its length; null until all of it is here. */
  const answer = (): { bytes: Buffer; length: number } | null => {
    const letter = String.fromCharCode(asked[0]);
    if (letter in ANSWERS) return { bytes: ANSWERS[letter], length: 1 };
    const size = asked.length >= 4 ? asked.readUInt16BE(1) : Infinity;
    const needed = { T: 2, A: 3, g: 4, B: 4 + size }[letter] ?? 1;
    if (asked.length < needed) return null;
    if (letter === 'T') return { bytes: OK, length: 2 };
    if (letter === 'A') at = asked.readUInt16BE(1) * 2;
    if (letter === 'A') return { bytes: OK, length: 3 };
    if (letter === 'g') return { bytes: flash.subarray(at, (at += size)), length: 4 };
    if (letter !== 'B') return { bytes: Buffer.from('?'), length: 1 };
    at += asked.copy(flash, at, 4, 4 + size);
    return { bytes: OK, length: needed };
  };
  line.stdout.on('data', (bytes: Buffer) => {
    asked = Buffer.concat([asked, bytes]);
    for (let next = asked.length > 0 ? answer() : null; next; next = asked.length > 0 ? answer() : null) {
      line.stdin.write(next.bytes);
      asked = asked.subarray(next.length);
    }
  });
  await vi.waitUntil(() => existsSync(port), { timeout: 30_000, interval: 20 });
  return { flash, stop: () => void line.kill() };
}
