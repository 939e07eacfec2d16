import { describe, expect, test } from 'vitest';
import {
  checkComponentName,
  checkPrefix,
  checkSketchName,
  enumeratorNames,
  suggestPrefix,
} from '../../codegen/names.js';
import { generateFirmware } from '../../codegen/generate.js';
import { allBoards } from '../../model/board.js';
import { Problem } from '../../model/problem.js';
import { tinyModel } from '../support/tiny-model.js';

function problemOf(action: () => unknown): Problem['details'] {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  throw new Error('expected a Problem');
}

describe('names that C, C++ or Arduino own', () => {
  test.each([
    ['class', 'class_net'],
    ['int', 'int_net'],
    ['new', 'new_net'],
    ['INPUT', 'input_net'],
    ['B1', 'b1_net'],
    ['A0', 'a0_net'],
    ['loop', 'loop_net'],
    ['_X', 'x'],
    ['3d', 'm_3d'],
    ['', 'model'],
    ['a b', 'a_b'],
    ['a__b', 'a_b'],
    ['señal', 'senal'],
    ['日本', 'model'],
    ['x'.repeat(80), 'x'.repeat(20)],
    ['a;system("x")', 'a_system_x'],
    ['test', 'test_net'],
    ['PACKAGE', 'package_net'],
    ['con', 'con_net'],
    ['Lpt1', 'lpt1_net'],
  ])('"%s" is refused and "%s" suggested', (name, suggestion) => {
    const details = problemOf(() => checkPrefix(name));
    expect(details).toMatchObject({ kind: 'data', code: 'illegal-name', hint: `use --name ${suggestion}` });
    expect(checkPrefix(suggestion)).toBe(suggestion);
  });

  test.each(['iris', 'Iris2', 'net_1', 'm', 'model'])('"%s" is accepted as it is', (name) => {
    expect(checkPrefix(name)).toBe(name);
  });

  test('whatever a data file is called, the derived prefix is legal', () => {
    for (let code = 0; code < 0x3000; code++) {
      const text = String.fromCodePoint(code);
      for (const name of [text, `a${text}b`, text + text]) checkPrefix(suggestPrefix(name));
    }
  });
});

describe('labels', () => {
  test.each([
    [['a b', 'a-b'], 'CLASS_A_B'],
    [['Up', 'UP'], 'CLASS_UP'],
    [['é', 'e'], 'CLASS_E'],
    [['x', '+', '1'], 'CLASS_1'],
    [['-1', 'minus 1'], 'CLASS_MINUS_1'],
  ])('%j collide', (labels, name) => {
    const details = problemOf(() => enumeratorNames(labels, 'class'));
    expect(details.code).toBe('colliding-names');
    expect(details.message).toContain(name);
    expect(details.hint).toContain('rename');
  });

  test('the usual labels of a perceptron do not collide', () => {
    expect(enumeratorNames(['-1', '1', '-0.5', '0.5'], 'class')).toEqual([
      'MINUS_1',
      '1',
      'MINUS_0_5',
      '0_5',
    ]);
  });

  test('labels without a letter fall back to their number', () => {
    expect(enumeratorNames(['+', '-', 'setosa', '3d'], 'class')).toEqual(['0', '1', 'SETOSA', '3D']);
  });
});

test.each([
  ['iris', true],
  ['my-sketch_2.0', true],
  ['x'.repeat(63), true],
  ['x'.repeat(64), false],
  ['_iris', false],
  ['mi sketch', false],
  ['ñ', false],
  ['', false],
])('the sketch folder "%s" is legal: %s', (folder, legal) => {
  if (legal) expect(checkSketchName(folder)).toBe(folder);
  else expect(problemOf(() => checkSketchName(folder)).code).toBe('illegal-sketch-name');
});

test.each([
  ['iris', null],
  ['my-sketch_2.0', null],
  ['wifi', null],
  ['log', 'net_log'],
  ['Log', 'net_Log'], // its library would be liblog.a on a disk that tells no capitals apart
  ['main', 'net_main'],
  ['driver', 'net_driver'],
  ['nvs_flash', 'net_nvs_flash'],
  ['esp_timer', 'net_esp_timer'],
  ['esp_wifi', 'net_esp_wifi'],
  ['esp-tls', 'net_esp-tls'],
  ['esp_driver_gpio', 'net_esp_driver_gpio'],
  ['esp_hal_i2c', 'net_esp_hal_i2c'],
  ['my net', 'my_net'],
  ['_iris', 'iris'],
  ['', 'model'],
])('the component folder "%s" is legal, or %s suggested', (folder, suggestion) => {
  if (suggestion === null) {
    expect(checkComponentName(folder)).toBe(folder);
  } else {
    const details = problemOf(() => checkComponentName(folder));
    expect(details).toMatchObject({ kind: 'data', code: 'illegal-component-name' });
    expect(details.hint).toMatch(new RegExp(`use -o ${suggestion}$`));
    expect(checkComponentName(suggestion)).toBe(suggestion);
  }
});

test('no two files of a folder differ only in case, in any format of any board', () => {
  for (const board of allBoards()) {
    for (const format of board.formats) {
      for (const folderName of ['tiny', 'TINY', 'Tiny_Link']) {
        const request = {
          model: tinyModel(),
          modelHash: '0'.repeat(64),
          board,
          format,
          name: 'Tiny',
          folderName,
          constantTime: false,
        };
        const { files } = generateFirmware(request);
        expect(new Set(files.map((file) => file.path.toLowerCase())).size).toBe(files.length);
      }
    }
  }
});
