import { Problem } from '../model/problem.js';
import type { VerificationReport } from './verification-summary.js';

/** Several boards verified at once, and one report of them all. */

export interface FarmReport extends VerificationReport {
  readonly devices: readonly VerificationReport[];
}

/**
 * Verifies on every device at the same time. One that fails leaves the others alone; what it failed of is thrown once they
 * are done.
 */
export async function verifyAll(
  devices: readonly string[],
  verify: (device: string) => Promise<VerificationReport>,
): Promise<readonly VerificationReport[]> {
  if (new Set(devices).size < devices.length) {
    const message = `--on names a device twice: ${devices.join(', ')}`;
    throw new Problem({ kind: 'usage', code: 'device-twice', message });
  }
  const outcomes = await Promise.allSettled(devices.map(verify));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

/** Rows and faults of all devices added up; figures of the forward pass stay with each of them. */
export function combineReports(devices: readonly VerificationReport[]): FarmReport {
  const rows = sum(devices.map((device) => device.rows));
  const known = devices.every(({ accuracy }) => accuracy !== null);
  return {
    ...devices[0],
    on: devices.map(({ on }) => on).join(','),
    rows,
    total: sum(devices.map(({ total }) => total)),
    mismatches: sum(devices.map(({ mismatches }) => mismatches)),
    accuracy: known && rows > 0 ? sum(devices.map((d) => (d.accuracy ?? 0) * d.rows)) / rows : null,
    scores: null,
    cycles: null,
    microseconds: null,
    stackBytes: null,
    retries: sum(devices.map(({ retries }) => retries)),
    linkDoubts: sum(devices.map(({ linkDoubts }) => linkDoubts)),
    seconds: Math.max(...devices.map(({ seconds }) => seconds)),
    firstMismatches: devices.flatMap(({ firstMismatches }) => firstMismatches),
    stoppedBy: devices.find(({ stoppedBy }) => stoppedBy !== null)?.stoppedBy ?? null,
    session: null,
    devices,
  };
}
