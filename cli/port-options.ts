import type { Port } from '../harness/port.js';
import { m } from '../model/messages.js';
import { integer, text } from './option-spec.js';

/** Options of the commands that listen to a port. */
export const PORT_OPTIONS = {
  port: text(m`serial port, such as /dev/ttyACM0 or COM3; neurona ports lists them`, m`<port>`),
  baud: integer(m`as in the sketch's Serial.begin (default: the board's, or 115200)`, {
    from: 50,
    to: 10_000_000,
  }),
  board: text(m`board behind the port: how it is reset, and its baud rate`, m`<id>`),
};

const DEFAULT_BAUD_RATE = 115_200;

/** Opens the port as the board wants it. */
export async function openListeningPort(path: string, baud?: number, boardId?: string): Promise<Port> {
  const [{ openSerialPort }, { resetBoard }, { findBoard }] = await Promise.all([
    import('../harness/serial-port.js'),
    import('../harness/modem-lines.js'),
    import('../model/board.js'),
  ]);
  const serial = boardId === undefined ? null : findBoard(boardId).serial;
  const port = await openSerialPort(path, baud ?? serial?.baudRate ?? DEFAULT_BAUD_RATE);
  if (serial) await resetBoard(port, serial);
  return port;
}
