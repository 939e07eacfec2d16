import {
  ADAM, ADAMW, H_BATCH, H_LEARNING_RATES, H_OPTIMIZER, H_POWERS, H_RATES, H_ROWS, H_WEIGHT_DECAY, MUON,
} from './layout';

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
/** Below it 1 − β^t is 1; powers further down would become subnormal, which takes some processors a hundred times as long. */
const LEAST_POWER: f64 = 1e-30;

@inline
function next(power: f64, beta: f64): f64 {
  const product = power * beta;
  return product < LEAST_POWER ? 0 : product;
}

/** H_RATES of an epoch by its learning rates. */
export function writeRates(): void {
  const optimizer = load<i32>(H_OPTIMIZER);
  const isCorrected = optimizer == ADAM || optimizer == ADAMW || optimizer == MUON;
  const batch = load<usize>(H_BATCH);
  const decay = load<f64>(H_WEIGHT_DECAY);
  let from = load<usize>(H_LEARNING_RATES);
  let into = load<usize>(H_RATES);
  let power1 = load<f64>(H_POWERS), power2 = load<f64>(H_POWERS, 8);
  for (let row: usize = 0; row < load<usize>(H_ROWS); row += batch) {
    const rate = load<f64>(from);
    power1 = next(power1, BETA1);
    power2 = next(power2, BETA2);
    store<f32>(into, <f32>(isCorrected ? rate / (1 - power1) : rate));
    store<f32>(into, <f32>(1 / (1 - power2)), 4);
    store<f32>(into, <f32>(optimizer == ADAMW ? 1 - rate * decay : rate), 8);
    from += 8;
    into += 12;
  }
  store<f64>(H_POWERS, power1);
  store<f64>(H_POWERS, power2, 8);
}
