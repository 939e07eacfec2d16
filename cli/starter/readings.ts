import { exp } from '../../model/elementary.js';
import { createRandom } from '../../model/random.js';

/** Made-up data of the starter projects, the same on every machine. */

const SEED = 1;
const MINUTES = 300;

/** Temperature in °C, relative humidity in %, light in lux: usual value and deviation. */
const STATES = {
  empty: [
    [18.5, 0.8],
    [45, 4],
    [20, 10],
  ],
  work: [
    [21.5, 0.8],
    [48, 4],
    [420, 60],
  ],
  cooking: [
    [24.5, 1.2],
    [68, 6],
    [260, 50],
  ],
} as const;

/** Minutes spent in one state before another. */
const STAY = 12;

/** CSV: time, temperature, humidity, light, state. */
export function sensorReadings(): string {
  const random = createRandom(SEED);
  const names = Object.keys(STATES) as (keyof typeof STATES)[];
  const lines = Array.from({ length: MINUTES }, (_, minute) => {
    const state = names[Math.floor(minute / STAY) % names.length];
    const [temperature, humidity, light] = STATES[state].map(
      ([usual, deviation]) => usual + deviation * random.normal(),
    );
    return `${minute},${temperature.toFixed(1)},${humidity.toFixed(0)},${Math.max(light, 0).toFixed(0)},${state}`;
  });
  return `time,temperature,humidity,light,state\n${lines.join('\n')}\n`;
}

const READINGS = 400;
const BETA = 3950; // K
const KELVIN = 273.15;
const ROOM = 25 + KELVIN; // where the thermistor has as much resistance as the resistor beside it

/** CSV: voltage, supply (both 0..1023), celsius. R / R25 = e^(β · (1/T − 1/T25)), in a divider from the supply. */
export function thermistorReadings(): string {
  const random = createRandom(SEED);
  const lines = Array.from({ length: READINGS }, () => {
    const celsius = -10 + 70 * random.uniform();
    const supply = 900 + 100 * random.uniform();
    const ratio = exp(BETA * (1 / (celsius + KELVIN) - 1 / ROOM));
    const voltage = supply / (1 + ratio) + 0.8 * random.normal();
    return `${voltage.toFixed(0)},${supply.toFixed(0)},${celsius.toFixed(1)}`;
  });
  return `voltage,supply,celsius\n${lines.join('\n')}\n`;
}
