import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildFirmware } from '../../harness/build.js';
import { verifyFirmware } from '../../harness/verify.js';
import { createRandom } from '../../model/random.js';
import { makeFirmware } from '../support/firmware.js';
import { randomRows } from '../support/random-model.js';
import { tinyModel } from '../support/tiny-model.js';

/** A pseudo-terminal opened by path through the native driver, as `/dev/ttyACM0` is, with real firmware behind it. */

const folder = mkdtempSync(path.join(tmpdir(), 'neurona-serial-'));
let socat: ChildProcess | null = null;
afterAll(() => {
  socat?.kill();
  rmSync(folder, { recursive: true });
});

async function until(condition: () => boolean): Promise<void> {
  for (let k = 0; k < 200 && !condition(); k++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(condition()).toBe(true);
}

test('verify talks to a device path as it does to the simulator', async () => {
  const model = tinyModel();
  const raw = randomRows(createRandom(1), model, 60);
  const { directory, hash } = makeFirmware(folder, 'sketch', model, 'uno', 'sketch');
  const host = makeFirmware(folder, 'host', model, 'host', 'c');
  const { elf } = await buildFirmware(host.directory, {});
  const port = path.join(folder, 'ttyTest');
  socat = spawn('socat', [`PTY,link=${port},raw,echo=0`, `EXEC:${elf}`], { stdio: 'ignore' });
  await until(() => existsSync(port));
  const result = await verifyFirmware(directory, port, model, hash, raw, null);
  expect(result).toMatchObject({ on: port, rows: 60, mismatches: 0, stoppedBy: null });
  // Plain C in a firmware of somebody's own, which neurona can neither build nor upload.
  const plain = makeFirmware(folder, 'plain', model, 'zero', 'c');
  const own = await verifyFirmware(plain.directory, port, model, plain.hash, raw, null);
  expect(own).toMatchObject({ on: port, rows: 60, mismatches: 0, stoppedBy: null });
});

test('a port that does not exist is a toolchain problem that names the ports there are', async () => {
  const { directory, hash } = makeFirmware(folder, 'missing', tinyModel(), 'uno', 'sketch');
  await expect(
    verifyFirmware(directory, '/dev/ttyNOPE', tinyModel(), hash, new Int32Array(2), null),
  ).rejects.toMatchObject({
    details: { kind: 'toolchain', code: 'port-missing' },
  });
});
