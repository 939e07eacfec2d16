import { m, say, t, type Message } from '../model/messages.js';

/** What else may speak on a serial port, told from its bytes. */

export interface Finding {
  /** Completes "the board …". */
  readonly does: string;
  readonly hint: string;
}

interface Firmware {
  readonly says: RegExp;
  readonly does: Message;
  readonly hint: Message;
}

const UPLOAD = m`upload the generated sketch with neurona flash, the Arduino IDE or avrdude`;

/** In order: a crash is printed by a board that also prints its boot messages. */
const FIRMWARES: readonly Firmware[] = [
  {
    says: /waiting for download|boot:0x[0-9a-f]+ \(DOWNLOAD/i,
    does: m`waits in its download mode`,
    hint: m`press its reset button, and let go of BOOT`,
  },
  {
    says: /brownout detector/i,
    does: m`resets because its supply voltage breaks down`,
    hint: m`use another cable, or a port that gives more current`,
  },
  {
    says: /guru meditation|abort\(\) was called|Exception \(\d+\):/i,
    does: m`crashes`,
    hint: m`its program is at fault; ${UPLOAD}`,
  },
  {
    says: /invalid header: 0x|flash read err/i,
    does: m`finds no program in its flash`,
    hint: UPLOAD,
  },
  { says: /micropython|circuitpython|>>> /i, does: m`runs MicroPython`, hint: UPLOAD },
  { says: /grbl \d/i, does: m`runs Grbl`, hint: UPLOAD },
  { says: /firmata|S.t.a.n.d.a.r.d.F/is, does: m`runs Firmata`, hint: UPLOAD },
  { says: /marlin|echo:.*\n/i, does: m`runs Marlin`, hint: UPLOAD },
  { says: /^(ok|at|error)\r?\n/im, does: m`answers like a modem`, hint: UPLOAD },
];

/** Boot messages of a ROM say nothing about the program that follows them. */
const BOOT_TEXT =
  /^(ets |rst:|configsip|clk_drv|mode:|load:|entry |ESP-ROM|Build:|SPIWP|boot:|csum|tail|chksum|Saved PC:|v[0-9a-f]{8}).*$/gim;
/** ROMs that say so on the chip's own USB, too, where a program must be told to speak. */
const OWN_USB = /ESP-ROM:esp32(?:c|h|p|s3)/;
const PRINTABLE_SHARE = 0.95;
const QUOTED = 40;

const isText = (byte: number): boolean =>
  (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13;

/** sample: the last bytes that came. Null where nothing in them is known, such as at a wrong speed. */
export function diagnose(sample: Uint8Array): Finding | null {
  const text = Buffer.from(sample).toString('latin1');
  const known = FIRMWARES.find(({ says }) => says.test(text));
  if (known) return { does: say(known.does), hint: say(known.hint) };
  const rest = text.replaceAll(BOOT_TEXT, '').replaceAll('\0', '');
  if (text.length > 0 && rest.trim() === '')
    return {
      does: t`only prints its boot messages`,
      hint: OWN_USB.test(text)
        ? t`no program of ours runs on it: ${UPLOAD}; or this is the USB of the chip itself, and its program answers on its UART: docs/boards.md says how to change that`
        : t`no program of ours runs on it: ${UPLOAD}`,
    };
  const printable = sample.reduce((sum, byte) => sum + Number(isText(byte)), 0);
  if (printable < PRINTABLE_SHARE * sample.length || rest.length < 4) return null;
  const lines = rest.split(/\r?\n|\r/).filter((line) => line.trim() !== '');
  const line = lines[Math.min(1, lines.length - 1)].trim(); // the first one may have lost its beginning
  return {
    does: t`prints text of another program, such as ${JSON.stringify(line.slice(0, QUOTED))}`,
    hint: t`${UPLOAD}; neurona monitor shows what it prints`,
  };
}
