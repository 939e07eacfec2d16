import { t } from '../model/messages.js';
import { Problem, type ProblemDetails } from '../model/problem.js';
import type { VerificationReport } from './verification-summary.js';

/** Several boards verified at once, and one report of them all. */

export interface FarmReport extends VerificationReport {
  readonly devices: readonly VerificationReport[];
}

/**
 * Verifies on every device at the same time. One of several that cannot be asked leaves the others alone: `failed` makes
 * its report. What is wrong with the command itself is thrown once all are done, as is the failure of an only device.
 */
export async function verifyAll(
  devices: readonly string[],
  verify: (device: string) => Promise<VerificationReport>,
  failed: (device: string, why: ProblemDetails) => VerificationReport,
): Promise<readonly VerificationReport[]> {
  if (new Set(devices).size < devices.length) {
    const message = t`--on names a device twice: ${devices.join(', ')}`;
    throw new Problem({ kind: 'usage', code: 'device-twice', message });
  }
  const outcomes = await Promise.allSettled(devices.map(verify));
  return outcomes.map((outcome, k) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    const reason: unknown = outcome.reason;
    if (devices.length === 1 || !(reason instanceof Problem) || reason.details.kind === 'usage') throw reason;
    return failed(devices[k], reason.details);
  });
}

/** Why rows of some devices were not compared; null where all were. The devices are named. */
function whyStopped(devices: readonly VerificationReport[]): ProblemDetails | null {
  const stopped = devices.flatMap(({ on, stoppedBy }) =>
    stoppedBy === null
      ? []
      : [
          {
            ...stoppedBy,
            message: stoppedBy.message.startsWith(on) ? stoppedBy.message : `${on}: ${stoppedBy.message}`,
          },
        ],
  );
  if (stopped.length <= 1) return stopped[0] ?? null;
  const message = t`${stopped.length} of ${devices.length} devices stopped: ${stopped.map((each) => each.message).join('; ')}`;
  return {
    kind: stopped[0].kind,
    code: 'devices-stopped',
    message,
    hint: t`the others are done; verify on these again`,
  };
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
    noCycles: null,
    estimate: null,
    microseconds: null,
    stackBytes: null,
    retries: sum(devices.map(({ retries }) => retries)),
    linkDoubts: sum(devices.map(({ linkDoubts }) => linkDoubts)),
    seconds: Math.max(...devices.map(({ seconds }) => seconds)),
    firstMismatches: devices.flatMap(({ firstMismatches }) => firstMismatches),
    stoppedBy: whyStopped(devices),
    session: null,
    devices,
  };
}
