import { splat } from './elementary';
import {
  HEADER_BYTES, L_INPUTS, L_INTEGERS, L_OUTPUTS, L_SCALE, L_WEIGHTS, LAYER_BYTES, PANEL_BYTES, SUMS,
} from './layout';
import { high, integerBytes, isPaired } from './rounding';

/** (2, 4) into f64 at SUMS: Σ(w − ŵ)² and Σw² of each of four neurons. Paired integers: see rounding.ts. */
function squares(paired: bool, inputs: usize, weight: usize, integers: usize, scales: usize): void {
  const scale0 = v128.load(scales), scale1 = v128.load(scales, 16);
  let lost0 = splat(0), lost1 = lost0, total0 = lost0, total1 = lost0;
  for (let i: usize = 0; i < inputs; i++) {
    const two = v128.load(integers + (paired ? i >> 1 : i) * PANEL_BYTES);
    const q = paired ? i32x4.shr_s(i32x4.shl(two, i & 1 ? 0 : 16), 16) : two;
    const w = v128.load(weight);
    const w0 = f64x2.promote_low_f32x4(w), w1 = high(w);
    const error0 = f64x2.sub(w0, f64x2.mul(scale0, f64x2.convert_low_i32x4_s(q)));
    const error1 = f64x2.sub(w1, f64x2.mul(scale1, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(q, q, 1, 1))));
    lost0 = f64x2.add(lost0, f64x2.mul(error0, error0));
    lost1 = f64x2.add(lost1, f64x2.mul(error1, error1));
    total0 = f64x2.add(total0, f64x2.mul(w0, w0));
    total1 = f64x2.add(total1, f64x2.mul(w1, w1));
    weight += PANEL_BYTES;
  }
  v128.store(SUMS, lost0); v128.store(SUMS, lost1, 16);
  v128.store(SUMS, total0, 32); v128.store(SUMS, total1, 48);
}

/** Σ(w − ŵ)² / Σw² of layer `l` as it was rounded last: `lostShare` of trainer/accumulators.ts */
export function lostShare(l: i32): f64 {
  const layer = <usize>(HEADER_BYTES + l * LAYER_BYTES);
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const paired = isPaired(l);
  let lost: f64 = 0, total: f64 = 0;
  for (let n: usize = 0; n < outputs; n += 4) {
    const lane = (n & 7) << 2;
    squares(paired, inputs, load<usize>(layer, L_WEIGHTS) + (n >> 3) * (inputs + 1) * PANEL_BYTES + lane,
      load<usize>(layer, L_INTEGERS) + (n >> 3) * integerBytes(inputs, paired) + lane, load<usize>(layer, L_SCALE) + (n << 3));
    const end = <usize>SUMS + (min<usize>(outputs - n, 4) << 3);
    for (let at = <usize>SUMS; at < end; at += 8) {
      lost += load<f64>(at);
      total += load<f64>(at, 32);
    }
  }
  return total > 0 ? lost / total : 0;
}
