import { inEnglish, m, t, type Message } from '../model/messages.js';
import { Problem } from '../model/problem.js';
import { int } from './c-text.js';
import { render } from './render.js';

/** Sketches that print readings of common sensors for `neurona capture`. */

interface Sensor {
  /** Completes "readings of". */
  readonly what: string;
  readonly wiring: Message;
  readonly includes: readonly string[];
  /** Of the columns. */
  readonly names: readonly string[];
  /** Readings a second. */
  readonly rate: number;
  /** `begin_sensor` and `read_sensor`, which returns whether there was a reading, in whole numbers. */
  readonly code: string;
}

const NOTHING_TO_BEGIN = `static void begin_sensor()
{
}`;

export const SENSORS = {
  analog: {
    what: 'three analogue inputs, such as an accelerometer ADXL335 or potentiometers',
    wiring: m`Outputs of the sensor to A0, A1 and A2.`,
    includes: [],
    names: ['x', 'y', 'z'],
    rate: 100,
    code: `${NOTHING_TO_BEGIN}

static bool read_sensor(long values[VALUES])
{
    values[0] = analogRead(A0);
    values[1] = analogRead(A1);
    values[2] = analogRead(A2);
    return true;
}`,
  },
  light: {
    what: 'a light-dependent resistor',
    wiring: m`It from 5 V (3.3 V on a board of 3.3 V) to A0, and 10 kOhm from A0 to ground.`,
    includes: [],
    names: ['light'],
    rate: 50,
    code: `${NOTHING_TO_BEGIN}

static bool read_sensor(long values[VALUES])
{
    values[0] = analogRead(A0);
    return true;
}`,
  },
  button: {
    what: 'a button',
    wiring: m`It between pin 2 and ground; no resistor is needed.`,
    includes: [],
    names: ['pressed', 'milliseconds'],
    rate: 100,
    code: `static bool was_pressed;
static uint32_t changed;

static void begin_sensor()
{
    pinMode(2, INPUT_PULLUP);
}

/* Whether it is pressed, and for how long it has been as it is. */
static bool read_sensor(long values[VALUES])
{
    bool is_pressed = digitalRead(2) == LOW;

    if (is_pressed != was_pressed) {
        was_pressed = is_pressed;
        changed = millis();
    }
    values[0] = is_pressed;
    values[1] = (long)min(millis() - changed, 60000UL);
    return true;
}`,
  },
  microphone: {
    what: 'a microphone with an amplifier, such as the MAX4466',
    wiring: m`Its output to A0.`,
    includes: [],
    names: ['loudness', 'crossings'],
    rate: 20,
    code: `${NOTHING_TO_BEGIN}

/* Of 30 ms of sound: from its least to its most, and how often it crosses their middle, which tells its pitch. */
static bool read_sensor(long values[VALUES])
{
    static int middle = 512;
    uint32_t start = millis();
    int least = 32767;
    int most = 0;
    int crossings = 0;
    bool was_above = false;

    while (millis() - start < 30) {
        int now = analogRead(A0);

        least = min(least, now);
        most = max(most, now);
        if ((now > middle) != was_above) {
            was_above = !was_above;
            crossings++;
        }
    }
    middle = (least + most) / 2;
    values[0] = most - least;
    values[1] = crossings;
    return true;
}`,
  },
  distance: {
    what: 'an ultrasonic distance sensor HC-SR04',
    wiring: m`Trig to pin 9, Echo to pin 10 (through a voltage divider on a board of 3.3 V).`,
    includes: [],
    names: ['millimetres'],
    rate: 20,
    code: `static void begin_sensor()
{
    pinMode(9, OUTPUT);
    pinMode(10, INPUT);
}

/* Sound goes 343 m/s, there and back; 5000 stands for no echo within 30 ms. */
static bool read_sensor(long values[VALUES])
{
    unsigned long echo;

    digitalWrite(9, HIGH);
    delayMicroseconds(10);
    digitalWrite(9, LOW);
    echo = pulseIn(10, HIGH, 30000UL);
    values[0] = echo == 0 ? 5000 : (long)(echo * 343UL / 2000UL);
    return true;
}`,
  },
  mpu6050: {
    what: 'an accelerometer and gyroscope MPU-6050',
    wiring: m`SDA and SCL to those of the board; AD0 open or to ground.`,
    includes: ['Wire.h'],
    names: ['ax', 'ay', 'az', 'gx', 'gy', 'gz'],
    rate: 100,
    code: `#define MPU6050 0x68

static void begin_sensor()
{
    Wire.begin();
    Wire.setClock(400000UL);
    Wire.beginTransmission(MPU6050);
    Wire.write(0x6B); /* PWR_MGMT_1: it sleeps after power on */
    Wire.write(0);
    Wire.endTransmission();
}

static int16_t next_word()
{
    uint8_t high = (uint8_t)Wire.read();

    return (int16_t)((uint16_t)high << 8 | (uint8_t)Wire.read());
}

/* ACCEL_XOUT_H and what follows: acceleration in g / 16384, temperature, rotation in degrees per second / 131. */
static bool read_sensor(long values[VALUES])
{
    Wire.beginTransmission(MPU6050);
    Wire.write(0x3B);
    if (Wire.endTransmission(false) != 0 || Wire.requestFrom(MPU6050, 14) != 14) {
        return false;
    }
    for (uint8_t k = 0; k < 3; k++) {
        values[k] = next_word();
    }
    (void)next_word();
    for (uint8_t k = 3; k < 6; k++) {
        values[k] = next_word();
    }
    return true;
}`,
  },
} as const satisfies Readonly<Record<string, Sensor>>;

export type SensorName = keyof typeof SENSORS;
export const SENSOR_NAMES = Object.keys(SENSORS) as SensorName[];

/** The sketch for a sensor, for any board with an Arduino core. Throws a usage `Problem` for a sensor that is not known. */
export function captureSketch(name: SensorName): string {
  if (!Object.hasOwn(SENSORS, name)) {
    const message = t`there is no sketch for a sensor ${JSON.stringify(name)}; expected one of ${SENSOR_NAMES.join(', ')}`;
    throw new Problem({ kind: 'usage', code: 'unknown-sensor', message });
  }
  const { what, wiring, includes, names, rate, code }: Sensor = SENSORS[name];
  return render('capture/capture.ino.hbs', {
    what,
    wiring: inEnglish(wiring),
    includes,
    names: names.map((each) => `"${each}"`).join(', '),
    values: int(names.length),
    rate: int(rate),
    microseconds: int(1_000_000 / rate),
    code,
  });
}
