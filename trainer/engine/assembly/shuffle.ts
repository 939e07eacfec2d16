import { H_ORDER, H_RANDOM, H_ROWS } from './layout';

/**
 * `shuffle` of model/random.ts of the epoch's order, number for number: with the state in registers it takes a fraction
 * of the time, which of few rows is most that an epoch spends outside the kernel.
 */
export function shuffle(): void {
  const order = load<usize>(H_ORDER);
  let a = load<u32>(H_RANDOM), b = load<u32>(H_RANDOM, 4), c = load<u32>(H_RANDOM, 8), d = load<u32>(H_RANDOM, 12);
  for (let n = load<u32>(H_ROWS); n > 1; n--) {
    let x: u32;
    do {
      x = rotl<u32>(b * 5, 7) * 9;
      const t = c ^ a;
      const u = d ^ b;
      c = t ^ (b << 9);
      b = b ^ t;
      a = a ^ u;
      d = rotl<u32>(u, 11);
    } while (x >= 0 - n && x >= 0 - ((0 - n) % n) && (0 - n) % n != 0);
    const last = order + ((n - 1) << 2);
    const other = order + ((x % n) << 2);
    const row = load<u32>(last);
    store<u32>(last, load<u32>(other));
    store<u32>(other, row);
  }
  store<u32>(H_RANDOM, a);
  store<u32>(H_RANDOM, b, 4);
  store<u32>(H_RANDOM, c, 8);
  store<u32>(H_RANDOM, d, 12);
}
