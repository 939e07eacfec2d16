import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { vi } from 'vitest';

/** An Uno on a port: QEMU behind a pseudo-terminal, which runs what `avrdude` of the folder `bin` was told to upload. */
export interface UnoOnPort {
  readonly bin: string;
  readonly port: string;
  stop(): void;
}

/** Makes one in a folder `.uno` of `folder`. */
export async function unoOnPort(folder: string): Promise<UnoOnPort> {
  const bin = path.join(folder, '.uno', 'bin');
  const port = path.join(folder, '.uno', 'ttyACM0');
  const board = path.join(folder, '.uno', 'board');
  const flash = path.join(folder, '.uno', 'flash.bin');
  mkdirSync(bin, { recursive: true });
  const avrdude = `for word; do hex=\${word#-Uflash:w:}; done
avr-objcopy -I ihex -O binary "\${hex%:i}" '${flash}.part' && mv '${flash}.part' '${flash}'
until [ -s '${flash}.pid' ]; do sleep 0.05; done`;
  const powered = `while [ ! -e '${flash}' ]; do sleep 0.05; done
exec qemu-system-avr -M uno -bios '${flash}' -display none -monitor none -serial stdio -pidfile '${flash}.pid'`;
  writeFileSync(path.join(bin, 'avrdude'), `#!/bin/sh\n${avrdude}\n`, { mode: 0o755 });
  writeFileSync(board, `#!/bin/sh\n${powered}\n`, { mode: 0o755 });
  const socat = spawn('socat', [`PTY,link=${port},raw,echo=0`, `EXEC:${board}`], { stdio: 'ignore' });
  await vi.waitUntil(() => existsSync(port), { timeout: 30_000, interval: 20 });
  return { bin, port, stop: () => void socat.kill() };
}
