import { performance } from 'node:perf_hooks';
import { t } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { ANSWER_BIT, PROTOCOL_VERSION, REQUEST, decodeHello, type Hello } from '../model/protocol.js';
import { diagnose } from './diagnosis.js';
import { DAMAGE, type Link, type LinkEvent } from './link.js';
import type { Port } from './port.js';

/** Finds the board behind a port, or says who is there instead. */

/** What board programs are usually set to; the port's own rate has been tried. */
const COMMON_BAUD_RATES = [
  115_200, 9_600, 57_600, 230_400, 38_400, 19_200, 250_000, 500_000, 921_600, 1_000_000,
];

export interface GreetingOptions {
  /** SHA-256 of the model the board should run, as hex. */
  readonly modelHash: string;
  /** Baud rate of the generated firmware, for the message; null where there is none. */
  readonly baudRate: number | null;
  /** Milliseconds of silence, of search after them, and of each asking. */
  readonly boot: number;
  readonly hello: number;
  readonly answer: number;
  readonly nextSequence: () => number;
}

export const trouble = (code: string, message: string, hint: string): Problem =>
  new Problem({ kind: 'toolchain', code, message, hint });

export const helloOf = (event: LinkEvent): Hello | null =>
  event !== DAMAGE && event.type === (REQUEST.hello | ANSWER_BIT) ? decodeHello(event.payload) : null;

/** Throws where the board speaks another protocol or runs another model. */
function checkHello(hello: Hello, { path }: Port, modelHash: string): Hello {
  if (hello.version !== PROTOCOL_VERSION) {
    throw trouble(
      'wrong-protocol',
      t`${path}: the board speaks version ${hello.version} of the protocol; expected ${PROTOCOL_VERSION}`,
      t`generate and flash the firmware again with this version of neurona`,
    );
  }
  const expected = modelHash.slice(0, hello.modelHash.length);
  if (hello.modelHash !== expected) {
    const { features, outputs } = hello;
    throw trouble(
      'wrong-model',
      t`${path}: the board runs model ${hello.modelHash}; expected ${expected}`,
      t`it takes ${features} features and gives ${outputs} outputs; upload the sketch of the folder you want to verify, with neurona flash, the Arduino IDE or avrdude`,
    );
  }
  return hello;
}

const changeBaudRate = (port: Port, baudRate: number): Promise<boolean> =>
  new Promise((resolve) => {
    port.update({ baudRate }, (error) => resolve(!error));
  });

/** The rate at which a board of ours answers; null where it does at none. */
async function findBaudRate(port: Port, ask: () => Promise<Hello | null>): Promise<number | null> {
  const opened = port.baudRate;
  for (const baudRate of COMMON_BAUD_RATES.filter((rate) => rate !== opened)) {
    if ((await changeBaudRate(port, baudRate)) && (await ask())) return baudRate;
  }
  await changeBaudRate(port, opened);
  return null;
}

async function nobodyThere(
  port: Port,
  link: Link,
  { baudRate }: GreetingOptions,
  ask: () => Promise<Hello | null>,
): Promise<Problem> {
  const { path, baudRate: opened } = port;
  if (link.bytesReceived === 0) {
    return trouble(
      'silent-board',
      `${path}: ${t`no byte came from the board`}`,
      t`is it powered, and was the generated sketch uploaded to it?`,
    );
  }
  const finding = diagnose(link.sample);
  if (finding) return trouble('other-firmware', `${path}: ${t`the board ${finding.does}`}`, finding.hint);
  const found = await findBaudRate(port, ask);
  const speaks = baudRate === null ? '' : t`; the generated firmware speaks ${baudRate} baud`;
  if (found !== null) {
    return trouble(
      'wrong-baud',
      t`${path}: the board speaks ${found} baud, and the port was opened at ${opened} baud${speaks}`,
      t`generate, build and upload the firmware again; was its baud rate edited, or is it meant for another clock?`,
    );
  }
  return trouble(
    'only-noise',
    t`${path}: ${link.bytesReceived} bytes came from the board, but no hello at ${opened} baud${speaks}`,
    t`another sketch may be running: upload the generated one, with neurona flash, the Arduino IDE or avrdude`,
  );
}

/**
 * Waits for the board's hello and checks it. Throws a `Problem` of kind `toolchain`: `silent-board`, `only-noise`,
 * `other-firmware`, `wrong-baud`, `wrong-protocol`, `wrong-model`, `disconnected`.
 */
export async function findBoard(port: Port, link: Link, options: GreetingOptions): Promise<Hello> {
  const { boot, answer, nextSequence } = options;
  const ask = (): Promise<Hello | null> => {
    link.send({ sequence: nextSequence(), type: REQUEST.hello, payload: new Uint8Array() });
    return link.receive(helloOf, answer);
  };
  const until = performance.now() + boot + options.hello;
  let hello = await link.receive(helloOf, boot);
  while (!hello && performance.now() < until) hello = await ask();
  if (!hello) throw await nobodyThere(port, link, options, ask);
  return checkHello(hello, port, options.modelHash);
}
