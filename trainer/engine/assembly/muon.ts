import { splat } from './elementary';
import {
  H_LAYERS, H_MUON, H_MUON_BYTES, HEADER_BYTES, L_INPUTS, L_OUTPUTS, L_SECOND, L_WEIGHTS, LAYER_BYTES, PANEL_BYTES,
} from './layout';
import { accumulateGradient, multiplyPanels } from './matrix';

/** Jordan et al., "Muon", 2024, as trainer/optimizers.ts and trainer/muon.ts have it. */

const A: f32 = 3.4445;
const B: f32 = -4.775;
const C: f32 = 2.0315;
const ITERATIONS: i32 = 5;
const EPSILON: f64 = 1e-7;
/** The root mean square of Adam's steps, as a share of the rate. */
const ADAM_STEP: f32 = 0.2;

@inline
function padded(units: usize, multiple: usize): usize {
  return (units + multiple - 1) & ~(multiple - 1);
}

/** The direction D (outputs, inputs) in panels -> X (rows, columns), rows being the larger of both; returns ‖D‖² */
function readDirection(layer: usize, x: usize, stride: usize): f64 {
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const isTall = outputs > inputs;
  let squares: f64 = 0;
  for (let n: usize = 0; n < outputs; n++) {
    let from = load<usize>(layer, L_SECOND) + (n >> 3) * (inputs + 1) * PANEL_BYTES + ((n & 7) << 2);
    let to = isTall ? x + n * stride : x + (n << 2);
    const step: usize = isTall ? 4 : stride;
    for (let i: usize = 0; i < inputs; i++) {
      const d = load<f32>(from);
      squares += <f64>d * <f64>d;
      store<f32>(to, d);
      from += PANEL_BYTES;
      to += step;
    }
  }
  return squares;
}

/** W := W − length · X */
function step(layer: usize, x: usize, stride: usize, length: f32): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const isTall = outputs > inputs;
  for (let n: usize = 0; n < outputs; n++) {
    let weight = load<usize>(layer, L_WEIGHTS) + (n >> 3) * (inputs + 1) * PANEL_BYTES + ((n & 7) << 2);
    let from = isTall ? x + n * stride : x + (n << 2);
    const next: usize = isTall ? 4 : stride;
    for (let i: usize = 0; i < inputs; i++) {
      store<f32>(weight, load<f32>(weight) - length * load<f32>(from));
      weight += PANEL_BYTES;
      from += next;
    }
  }
}

/** The addresses of rows `stride` bytes apart. */
function writeTable(table: usize, rows: usize, from: usize, stride: usize): void {
  for (let r: usize = 0; r < rows; r++) store<usize>(table + (r << 2), from + r * stride);
}

/** Moves the weights of a hidden layer along the orthogonal matrix nearest to the direction in L_SECOND. */
function moveLayer(layer: usize, rate: f32): void {
  const inputs = load<usize>(layer, L_INPUTS);
  const outputs = load<usize>(layer, L_OUTPUTS);
  const rows = max(inputs, outputs);
  const columns = min(inputs, outputs);
  const allRows = padded(rows, 4);
  const size = padded(columns, 4); // rows of a panel of a square matrix
  const panels = (columns + 7) >> 3;
  const stride = panels * PANEL_BYTES;
  const panelBytes = size * PANEL_BYTES;
  const squareBytes = panels * panelBytes;
  let x = load<usize>(H_MUON);
  let y = x + allRows * stride;
  const square = y + allRows * stride; // XᵀX by panels …
  const lines = square + squareBytes; // … by rows …
  const polynomial = lines + size * stride; // … and A·I + B·XᵀX + C·(XᵀX)² by panels
  const table = polynomial + squareBytes;
  memory.fill(x, 0, load<usize>(H_MUON_BYTES));
  const norm = Math.sqrt(readDirection(layer, x, stride)) + EPSILON;
  const inverse = splat(<f32>(1 / norm));
  for (let k: usize = 0; k < rows * stride; k += 16) v128.store(x + k, f32x4.mul(v128.load(x + k), inverse));
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    writeTable(table, rows, x, stride);
    for (let p: usize = 0; p < panels; p++) {
      const panel = square + p * panelBytes;
      accumulateGradient(table, rows, 0, columns, x + p * PANEL_BYTES, stride, panel);
      for (let k: usize = 0; k < columns; k++) {
        const line = lines + k * stride + p * PANEL_BYTES;
        v128.store(line, v128.load(panel + k * PANEL_BYTES));
        v128.store(line, v128.load(panel + k * PANEL_BYTES, 16), 16);
      }
    }
    writeTable(table, size, lines, stride);
    multiplyPanels(table, size, square, columns, panelBytes, panels, polynomial, PANEL_BYTES, panelBytes);
    for (let k: usize = 0; k < squareBytes; k += 16) {
      const sum = f32x4.mul(splat(C), v128.load(polynomial + k));
      v128.store(polynomial + k, f32x4.add(sum, f32x4.mul(splat(B), v128.load(square + k))));
    }
    for (let k: usize = 0; k < columns; k++) {
      const diagonal = polynomial + (k >> 3) * panelBytes + k * PANEL_BYTES + ((k & 7) << 2);
      store<f32>(diagonal, load<f32>(diagonal) + A);
    }
    writeTable(table, allRows, x, stride);
    multiplyPanels(table, allRows, polynomial, columns, panelBytes, panels, y, stride, PANEL_BYTES);
    const other = x;
    x = y;
    y = other;
  }
  step(layer, x, stride, rate * (ADAM_STEP * Mathf.sqrt(<f32>rows)));
}

/** All hidden layers, at this learning rate. */
export function moveHidden(rate: f32): void {
  for (let l = 0; l < load<i32>(H_LAYERS) - 1; l++) moveLayer(<usize>(HEADER_BYTES + l * LAYER_BYTES), rate);
}
