import type { Board } from '../model/board.js';
import { t } from '../model/messages.js';
import { architecture, entryOf, RAW_TYPES } from '../model/network.js';
import { rejectData } from '../model/problem.js';
import type { QuantizedModel } from '../model/quantized-model.js';
import { int } from './c-text.js';
import type { Format } from './formats.js';
import type { TemplateValue } from './render.js';

/** What a project says beside its code: whose it is, what it is for, an example row. */

export interface ProjectFacts {
  readonly author: string;
  readonly url: string;
  /** Of the library or component: three numbers. */
  readonly version: string;
  /** `platform` of platformio.ini; null takes the board's. */
  readonly platform: string | null;
}

export const PROJECT_DEFAULTS: ProjectFacts = {
  author: 'Neurona',
  url: 'https://example.com',
  version: '1.0.0',
  platform: null,
};

/** Where a format says whose the project is. */
const FACTS_FILES: Readonly<Partial<Record<Format, string>>> = {
  'arduino-library': 'library.properties',
  platformio: 'library.json',
  'esp-idf': 'idf_component.yml',
};

/** Facts of which only the user knows better than the default, and the words that give them. */
const PLACEHOLDERS = { author: '--author NAME', url: '--url URL' } as const;

/** What a project would say wrongly of itself if it were published with these facts, and how to mend it; null if nothing. */
export function placeholderWarning(format: Format, facts: Partial<ProjectFacts>): string | null {
  const file = FACTS_FILES[format];
  const left = (['author', 'url'] as const).filter((fact) => facts[fact] === undefined);
  if (file === undefined || left.length === 0) return null;
  const said = left.map((fact) => `${fact} ${PROJECT_DEFAULTS[fact]}`).join(', ');
  const flags = left.map((fact) => PLACEHOLDERS[fact]).join(' ');
  return t`${file} has placeholders: ${said}; before you publish it, generate with ${flags}`;
}

/** The facts, defaults filled in. Throws a `Problem` where a library manager would refuse the facts, or a line of theirs would become two. */
export function checkProjectFacts(given: Partial<ProjectFacts>, format: Format): ProjectFacts {
  const author = given.author ?? PROJECT_DEFAULTS.author;
  const url = given.url ?? PROJECT_DEFAULTS.url;
  const version = given.version ?? PROJECT_DEFAULTS.version;
  const platform = given.platform ?? PROJECT_DEFAULTS.platform;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    rejectData('illegal-version', t`"${version}" is no version of a project`, {
      hint: t`three numbers, such as 1.0.0`,
    });
  }
  if (!/^https?:\/\/[^\s"\\]+$/.test(url) || !URL.canParse(url))
    rejectData('illegal-url', t`"${url}" is no address of a project`, {
      hint: t`such as https://example.com/project`,
    });
  if (author.trim() === '' || author.length > 100 || /\p{Cc}|\p{Zl}|\p{Zp}/u.test(author)) {
    rejectData('illegal-author', t`the author must be 1..100 characters in one line`, {
      hint: t`such as --author "Ada Lovelace <ada@example.com>"`,
    });
  }
  if (format === 'arduino-library' && /arduino/i.test(author)) {
    rejectData('illegal-author', t`"${author}" names Arduino, which only libraries of its own may`, {
      hint: t`use --author with your name`,
    });
  }
  if (platform !== null && (platform.trim() === '' || /\p{Cc}|\p{Zl}|\p{Zp}/u.test(platform))) {
    rejectData('illegal-platform', t`"${platform}" is no platform of PlatformIO`, {
      hint: t`a name, perhaps with a version, or an address: --platform espressif32@6.9.0`,
    });
  }
  return { author, url, version, platform };
}

const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

function sentenceOf({ input, targets, classes }: QuantizedModel): string {
  const features = counted(input.features.length, 'feature');
  if (targets)
    return `Neural network that predicts ${counted(targets.names.length, 'number')} from ${features}.`;
  return `Neural network that tells ${counted(classes.length, 'class', 'classes')} apart by ${features}.`;
}

/** Initialisers of an example row show so many features; C sets the others to zero. */
const SHOWN_FEATURES = 16;

/** A row in the middle of what was trained. */
function exampleRow({ input }: QuantizedModel): { row: string; rowComment: string } {
  const { lowest, highest } = RAW_TYPES[input.rawType];
  const shown = Math.min(input.features.length, SHOWN_FEATURES);
  const values = Array.from({ length: shown }, (_, i) => {
    const middle = entryOf(input.low, i) + Math.floor(entryOf(input.span, i) / 2);
    return int(Math.min(Math.max(middle, lowest), highest));
  });
  const rest = shown < input.features.length ? ' The features not shown are 0.' : '';
  return { row: values.join(', '), rowComment: `A row in the middle of the training data.${rest}` };
}

const STEPS = ['predict', 'predict_float', 'raw_feature', 'quantize_feature', 'forward'];
const SIZES = ['FEATURES', 'OUTPUTS', 'RAW_BYTES', 'CONSTANT_BYTES', 'BUFFER_BYTES', 'MODEL_HASH'];

/** Ends of what the header declares. */
function publicNames({ targets, probability }: QuantizedModel): { functions: string[]; sizes: string[] } {
  if (targets) return { functions: [...STEPS, 'value'], sizes: SIZES };
  return {
    functions: [...STEPS, 'decide', 'class_name', ...(probability ? ['probabilities'] : [])],
    sizes: [...SIZES, 'CLASSES', 'NAME_SIZE', ...(probability ? ['PROBABILITY_ONE'] : [])],
  };
}

/** Values of the templates of projects; `enumerators` are the ends of the constants that name classes or targets. */
export function projectContext(
  model: QuantizedModel,
  modelHash: string,
  board: Board,
  prefix: string,
  enumerators: readonly string[],
  facts: ProjectFacts,
): Record<string, TemplateValue> {
  const PREFIX = prefix.toUpperCase();
  const kind = model.targets ? 'TARGET' : 'CLASS';
  const sentence = sentenceOf(model);
  const { functions, sizes } = publicNames(model);
  return {
    boardId: board.id,
    boardName: board.name,
    fqbn: board.fqbn ?? false,
    corePlatform: board.fqbn?.split(':').slice(0, 2).join(':') ?? false,
    coreVersion: board.coreVersion ?? false,
    boardsUrl: board.boardsUrl ?? false,
    pioPlatform: facts.platform ?? board.platformio?.platform ?? false,
    pioBoard: board.platformio?.board ?? false,
    idfTarget: board.idfTarget ?? false,
    version: facts.version,
    author: facts.author,
    authorJson: JSON.stringify(facts.author),
    url: facts.url,
    urlJson: JSON.stringify(facts.url),
    sentence,
    descriptionJson: JSON.stringify(sentence),
    paragraph:
      'A multilayer perceptron in integers, generated by Neurona: no heap, no floating point in the forward pass, and bit for bit what its reference on a computer computes.',
    architecture: architecture(model.layers),
    modelHash,
    functionNames: functions.map((name) => `${prefix}_${name}`),
    constantNames: [...sizes, ...enumerators.map((name) => `${kind}_${name}`)].map(
      (name) => `${PREFIX}_${name}`,
    ),
    ...exampleRow(model),
  };
}
