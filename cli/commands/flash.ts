import { UPLOADER_NAMES } from '../../harness/uploaders.js';
import type { UploadStep } from '../../harness/upload-progress.js';
import { m, say, t, type Message } from '../../model/messages.js';
import { defineCommand } from '../command-spec.js';
import { shellWords } from '../../model/shell-words.js';
import { nextProgram } from '../invocation.js';
import { choice, text } from '../option-spec.js';
import { seconds } from '../text-table.js';

const STEPS: Readonly<Record<UploadStep, Message>> = {
  erasing: m`erasing`,
  writing: m`writing`,
  'reading back': m`reading back`,
};

export const flash = defineCommand({
  name: 'flash',
  group: 'From data to board:',
  summary: m`upload a generated project`,
  description: m`Puts the verification firmware of a generated folder on a board, with avrdude, arduino-cli, esptool, idf.py or pio: the first of those that suit the board and are installed. It is told to verify what it wrote. What it says is kept in build/flash.log.`,
  operands: { '<dir>': m`folder made by neurona generate` },
  groups: {
    'Upload:': {
      port: text(m`the board's serial port (default: the one with its USB interface)`, m`<port>`),
      tool: choice(m`what uploads (default: the usual one)`, m`<name>`, UPLOADER_NAMES),
    },
  },
  examples: ['neurona flash firmware', 'neurona flash firmware --port /dev/ttyACM0'],
  async run([directory], { port, tool }, { output }) {
    const { flashFirmware } = await import('../../harness/flash.js');
    output.progress(t`uploading ${directory} …`);
    const flashed = await flashFirmware(directory, port, {
      tool,
      onProgress: ({ step, percent }) =>
        output.progress(t`uploading ${directory}: ${step ? `${say(STEPS[step])} ` : ''}${percent} %`),
    });
    output.detail(flashed.command.join(' '));
    const line = t`${directory}: on the board behind ${flashed.port}, with ${flashed.tool}, in ${seconds(flashed.seconds)}`;
    output.result(
      flashed,
      () => [
        line,
        '',
        t`next: ${nextProgram()} verify ${shellWords([directory])} DATA --on ${shellWords([flashed.port])}`,
      ],
      line,
    );
  },
});
