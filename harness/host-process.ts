import type { BindingInterface } from './binding.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { t } from '../model/messages.js';
import { bytePort, UNREAD_LIMIT, type BytePort } from './byte-port.js';

/**
 * A program built for this computer as a binding of the serialport family: the port's path is the program,
 * its standard input and output are the two wires. Opening the port starts it, closing ends it.
 */

const STDERR_TAIL = 2_000;

/** Why a program ended, with the last it had to say. */
function obituary(program: string, code: number | null, signal: string | null, stderr: string): Error {
  const how = signal ? t`was killed by ${signal}` : t`ended with exit code ${code}`;
  const ended = `${program} ${how}`;
  return new Error(stderr ? t`${ended}; its last words:\n${stderr}` : ended);
}

function start(program: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    child.once('spawn', () => resolve(child));
    child.once('error', reject);
  });
}

const open: BindingInterface['open'] = async (options) => {
  const child = await start(options.path);
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('spawn gave no pipes');
  const exited = once(child, 'exit');
  let tail = '';

  const port: BytePort = bytePort(options, {
    write(bytes) {
      return new Promise((resolve) => {
        if (!stdin.writable) resolve();
        else stdin.write(bytes, () => resolve()); // a failed write shows as the end of the program
      });
    },
    async close() {
      child.kill('SIGKILL'); // it holds nothing worth saving, and must not outlive us
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
    drained: () => stdout.resume(),
  });

  stdin.on('error', () => {}); // as above
  stderr.on('data', (text: Buffer) => (tail = (tail + text.toString()).slice(-STDERR_TAIL)));
  stdout.on('data', (bytes: Buffer) => {
    port.receive(bytes);
    if (port.unread > UNREAD_LIMIT) stdout.pause();
  });
  child.once('close', (code: number | null, signal: string | null) =>
    port.fail(obituary(options.path, code, signal, tail)),
  );
  return port;
};

export const hostProcessBinding: BindingInterface = { list: () => Promise.resolve([]), open };
