import { H_CALLS, H_READY, T_ARRIVALS, T_ASLEEP, THREAD_BYTES, THREADS } from './layout';

/** How two threads wait for one another. */

/**
 * To wake a sleeper takes longer than most steps, so it looks this often first, for about a tenth of a millisecond. Where
 * other processes hold the processor, longer would only keep the other thread from it.
 */
const POLLS = 200_000;

@inline
function recordOf(thread: i32): usize {
  return <usize>(THREADS + thread * THREAD_BYTES);
}

/** Returns once the number at `at` is no longer `old`; `asleep` tells the writer whether to wake. */
function waitWhile(at: usize, old: u32, asleep: usize): void {
  for (let poll = 0; poll < POLLS; poll++) if (atomic.load<u32>(at) != old) return;
  atomic.store<u32>(asleep, 1);
  while (atomic.load<u32>(at) == old) atomic.wait<i32>(at, old, -1);
  atomic.store<u32>(asleep, 0);
}

@inline
function raise(at: usize, value: u32, asleep: usize): void {
  atomic.store<u32>(at, value);
  if (atomic.load<u32>(asleep)) atomic.notify(at, 1);
}

/** Returns once both threads have called this as often: what either wrote before, both can read after. */
export function meet(thread: i32): void {
  const mine = recordOf(thread);
  const other = recordOf(1 - thread);
  const count = atomic.load<u32>(mine, T_ARRIVALS) + 1;
  raise(mine + T_ARRIVALS, count, other + T_ASLEEP);
  waitWhile(other + T_ARRIVALS, count - 1, mine + T_ASLEEP);
}

/** Whether the second thread is there. */
export function isAssisted(): bool {
  return atomic.load<u32>(H_READY) != 0;
}

/** Lets the second thread take part in what comes. */
export function summon(): void {
  raise(H_CALLS, atomic.load<u32>(H_CALLS) + 1, recordOf(1) + T_ASLEEP);
}

/** In the second thread: returns when it is summoned more than `calls` times, with their number. */
export function nextCall(calls: u32): u32 {
  atomic.store<u32>(H_READY, 1);
  atomic.notify(H_READY, 1);
  waitWhile(H_CALLS, calls, recordOf(1) + T_ASLEEP);
  return atomic.load<u32>(H_CALLS);
}
