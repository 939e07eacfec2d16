import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { verifyFirmware } from '../../harness/verify.js';
import { predict } from '../../model/infer.js';
import { Problem } from '../../model/problem.js';
import { writeStub, type Stub, type StubShape } from './fixtures/stub-firmware.js';

const IRIS: StubShape = { features: 4, outputs: 3, rawType: 'int16' };

const rawRows = (rows: number, shape: StubShape): Int32Array =>
  Int32Array.from({ length: rows * shape.features }, (_, k) => {
    const value = (k * 7919) % 3001;
    return shape.rawType === 'uint8' ? value & 0xff : value - 1500;
  });

const expectedClasses = ({ model }: Stub, raw: Int32Array): Uint16Array => {
  const features = model.input.features.length;
  return Uint16Array.from({ length: raw.length / features }, (_, row) => {
    return predict(model, raw.subarray(row * features, (row + 1) * features)).class;
  });
};

const verify = (stub: Stub, on: string, raw: Int32Array, labels: Uint16Array | null = null, options = {}) =>
  verifyFirmware(stub.directory, on, stub.model, stub.modelHash, raw, labels, options);

test.each<StubShape>([
  { features: 1, outputs: 1, rawType: 'uint8' },
  IRIS,
  { features: 70, outputs: 30, rawType: 'int32' },
])(
  'host and simulator agree with the reference: %j',
  async (shape) => {
    const raw = rawRows(12, shape);
    for (const [board, on] of [
      ['host', 'host'],
      ['uno', 'simulator'],
    ] as const) {
      const stub = writeStub(board, shape);
      const labels = expectedClasses(stub, raw);
      labels[0]++;
      const progress: number[] = [];
      const result = await verify(stub, on, raw, labels, {
        onProgress: (rows: number) => progress.push(rows),
      });
      expect(result).toMatchObject({
        board,
        on,
        rows: 12,
        mismatches: 0,
        firstMismatches: [],
        linkDoubts: 0,
        stoppedBy: null,
      });
      expect(result.accuracy).toBe(11 / 12);
      expect(progress).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
      if (on === 'host') expect(result).toMatchObject({ cycles: null, stackBytes: null });
      else {
        expect(result.noCycles).toBeNull();
        expect(result.cycles!.min).toBeGreaterThan(20);
        expect(result.stackBytes).toBeGreaterThan(4);
        expect(result.stackBytes).toBeLessThan(200);
      }
    }
  },
  60_000,
);

test('784 features fit an Uno with its stack', async () => {
  const shape = { features: 784, outputs: 10, rawType: 'uint8' } as const;
  const stub = writeStub('uno', shape);
  const result = await verify(stub, 'simulator', rawRows(2, shape));
  expect(result).toMatchObject({ rows: 2, mismatches: 0 });
}, 60_000);

test('the Arduino core build runs on the simulator too and counts the same cycles', async () => {
  const stub = writeStub('uno', IRIS);
  const raw = rawRows(5, IRIS);
  const core = await verify(stub, 'simulator', raw, null, { toolchain: 'arduino-core' });
  expect(core).toMatchObject({ rows: 5, mismatches: 0, stoppedBy: null });
  const bare = await verify(stub, 'simulator', raw, null, { toolchain: 'avr-gcc' });
  expect(Math.abs(core.cycles!.median - bare.cycles!.median)).toBeLessThan(bare.cycles!.median * 0.02);
}, 120_000);

test('the cycle counter measures the forward pass and nothing else', async () => {
  const measure = async (spoil: string): Promise<number> => {
    const result = await verify(writeStub('uno', IRIS, { spoil }), 'simulator', rawRows(3, IRIS));
    return result.cycles!.median;
  };
  const base = await measure('');
  // 70,000 turns of a loop of 4 cycles cross the 16-bit timer's end four times.
  const loops = 'uint16_t n; for (n = 0; n < 7; n++) { __builtin_avr_delay_cycles(40000); }';
  const extra = (await measure(loops)) - base;
  expect(extra).toBeGreaterThanOrEqual(280_000);
  expect(extra).toBeLessThan(280_400);
}, 60_000);

test('66: a planted mismatch is found though the class is right, and the first ten rows are kept', async () => {
  const stub = writeStub('host', IRIS, { spoil: 'if (inputs[0] & 1) { outputs[0] -= 1; }' });
  const raw = rawRows(60, IRIS);
  const result = await verify(stub, 'host', raw);
  const wrong = Array.from({ length: 60 }, (_, row) => row).filter((row) => {
    const x = Math.min(Math.max(raw[row * 4] + 1000, 0), 2000);
    return Math.floor((x * 8192 + 32768) / 65536) % 2 === 1;
  });
  expect(wrong.length).toBeGreaterThan(10);
  expect(result).toMatchObject({ rows: 60, mismatches: wrong.length, linkDoubts: 0 });
  expect(result.firstMismatches.map(({ row }) => row)).toEqual(wrong.slice(0, 10));
  for (const { expected, got } of result.firstMismatches) {
    expect(got.class).toBe(expected.class);
    expect([...got.outputs]).toEqual([expected.outputs[0] - 1, expected.outputs[1], expected.outputs[2]]);
  }
});

test('67: a device that dies leaves a partial result, its last words and no process', async () => {
  const dies =
    'extern void perror(const char *); extern void _Exit(int); if (inputs[0] == 250) { perror("dying"); _Exit(3); }';
  const stub = writeStub('host', IRIS, { spoil: dies });
  const raw = rawRows(20, IRIS).fill(0, 0, 40);
  raw[24] = 1500; // feature 0 of row 6 saturates to 250
  const result = await verify(stub, 'host', raw);
  expect(result).toMatchObject({
    rows: 6,
    mismatches: 0,
    stoppedBy: { kind: 'toolchain', code: 'disconnected' },
  });
  expect(result.stoppedBy!.message).toMatch(/exit code 3[^]*dying/);
  expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain(stub.directory);
});

test('what a folder cannot run on is a usage problem that says what it can', async () => {
  const outcome: unknown = await verify(writeStub('host', IRIS), 'simulator', rawRows(1, IRIS)).catch(
    (e: unknown) => e,
  );
  expect(outcome).toBeInstanceOf(Problem);
  expect((outcome as Problem).details).toMatchObject({ kind: 'usage', hint: 'use --on host or --on PORT' });
});
