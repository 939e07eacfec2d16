import type { FormatName } from '../model/board.js';
import type { TemplateValue } from './render.js';

/** Output formats: which template becomes which file. A new format is a new entry and its templates. */

export type Format = FormatName;

interface FormatFile {
  readonly template: string;
  /** Path in the generated folder; `{prefix}` and `{folder}` are filled in. */
  readonly path: string;
  /** What this file alone says in a template that serves several. */
  readonly context?: Readonly<Record<string, TemplateValue>>;
}

/** The model itself: the same two files, byte for byte, in every format. */
const model = (header: string, source: string): FormatFile[] => [
  { template: 'model.h.hbs', path: `${header}{prefix}.h` },
  { template: 'model.c.hbs', path: `${source}{prefix}.c` },
];

const link = (folder: string): FormatFile[] => [
  { template: 'link/link.h.hbs', path: `${folder}{prefix}_link.h` },
  { template: 'link/link.c.hbs', path: `${folder}{prefix}_link.c` },
];

const verification = (path: string, ownSketch: boolean, linkFolder: string): FormatFile => ({
  template: 'link/sketch.ino.hbs',
  path,
  context: { ownSketch, linkFolder },
});

const ARDUINO_EXAMPLES = { Predict: 'arduino/predict.ino.hbs', Sensor: 'arduino/sensor.ino.hbs' } as const;

const arduinoExamples = (folder: string): FormatFile[] =>
  Object.entries(ARDUINO_EXAMPLES).map(([name, template]) => ({
    template,
    path: `${folder}${name}/${name}.ino`,
    context: { ownSketch: false },
  }));

/** Arduino copies a sketch's own folder elsewhere to compile it, without what is above: these bring the model with them. */
const sketchExamples: FormatFile[] = Object.entries(ARDUINO_EXAMPLES).flatMap(([name, template]) => {
  const folder = `examples/${name}/`;
  return [
    { template, path: `${folder}${name}.ino`, context: { ownSketch: true } },
    ...model(`${folder}src/`, `${folder}src/`),
  ];
});

const idfExample = (example: string, linked: boolean): FormatFile[] => [
  { template: 'esp-idf/project.cmake.hbs', path: `examples/${example}/CMakeLists.txt`, context: { example } },
  {
    template: 'esp-idf/main.cmake.hbs',
    path: `examples/${example}/main/CMakeLists.txt`,
    context: { linked },
  },
  { template: `esp-idf/${example}.c.hbs`, path: `examples/${example}/main/main.c` },
];

export const FORMATS: Readonly<Record<Format, readonly FormatFile[]>> = {
  sketch: [
    ...model('src/', 'src/'),
    ...link('src/'),
    verification('{folder}.ino', true, 'src/'),
    { template: 'arduino/sketch.yaml.hbs', path: 'sketch.yaml' },
    ...sketchExamples,
  ],
  'arduino-library': [
    ...model('src/', 'src/'),
    { template: 'arduino/library.properties.hbs', path: 'library.properties' },
    { template: 'arduino/keywords.txt.hbs', path: 'keywords.txt' },
    { template: 'arduino/README.md.hbs', path: 'README.md' },
    { template: 'project/LICENSE.hbs', path: 'LICENSE' },
    ...arduinoExamples('examples/'),
    ...link('examples/Verify/'),
    verification('examples/Verify/Verify.ino', false, ''),
  ],
  platformio: [
    ...model('lib/{prefix}/src/', 'lib/{prefix}/src/'),
    { template: 'platformio/library.json.hbs', path: 'lib/{prefix}/library.json' },
    { template: 'project/LICENSE.hbs', path: 'lib/{prefix}/LICENSE' },
    ...arduinoExamples('lib/{prefix}/examples/'),
    { template: 'platformio/platformio.ini.hbs', path: 'platformio.ini' },
    { template: 'platformio/README.md.hbs', path: 'README.md' },
    ...link('src/'),
    verification('src/main.cpp', false, ''),
  ],
  'esp-idf': [
    ...model('include/', 'src/'),
    { template: 'esp-idf/CMakeLists.txt.hbs', path: 'CMakeLists.txt' },
    { template: 'esp-idf/idf_component.yml.hbs', path: 'idf_component.yml' },
    { template: 'esp-idf/README.md.hbs', path: 'README.md' },
    { template: 'esp-idf/CHANGELOG.md.hbs', path: 'CHANGELOG.md' },
    { template: 'project/LICENSE.hbs', path: 'LICENSE' },
    ...idfExample('predict', false),
    ...idfExample('sensor', false),
    ...idfExample('verify', true),
    ...link('examples/verify/main/'),
    { template: 'esp-idf/sdkconfig.defaults.hbs', path: 'examples/verify/sdkconfig.defaults' },
  ],
  c: [
    ...model('', ''),
    { template: 'plain-c/CMakeLists.txt.hbs', path: 'CMakeLists.txt' },
    { template: 'plain-c/Makefile.hbs', path: 'Makefile' },
    { template: 'plain-c/README.md.hbs', path: 'README.md' },
    { template: 'plain-c/predict.c.hbs', path: 'examples/predict.c' },
    { template: 'plain-c/sensor.c.hbs', path: 'examples/sensor.c' },
    ...link('verify/'),
    { template: 'link/host_main.c.hbs', path: 'verify/main.c' },
  ],
};
