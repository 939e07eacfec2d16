import { int } from './c-text.js';
import { WORD_CORES } from './kernel-costs.js';
import { hasWideBias, type Helper, type Kernel, type KernelFacts } from './kernel.js';
import type { LayerWork, Terms } from './layer-work.js';
import { render, type TemplateValue } from './render.js';
import { chooseRequantizer, storeKind, type Requantizer } from './requantization.js';

/**
 * Layers on cores with registers of 32 bits: one C function for all that are alike but for their shape, which it reads from
 * a table. Compilers can then adapt it to no layer, so that what it takes is known beforehand.
 */

/** What such a kernel brings to a layer beside what `Kernel` says of it. */
export interface WordFunction {
  readonly template: string;
  /** What tells functions of this kernel apart beside what they store: the size of their blocks. */
  readonly variant: string;
  readonly context: Record<string, TemplateValue>;
  readonly helpers: readonly Helper[];
  /** Without the function. */
  readonly work: Omit<LayerWork, 'positive' | 'saturated' | 'code' | 'constantBytes'>;
  readonly blocks: number;
  /** Of loops whose code depends on what follows a sum. */
  readonly rounds: Terms;
  readonly spentBytes: number;
}

/** What a layer may have beside weights and shape: the member of its table in C, and what its array is called. */
const MEMBERS = {
  bias: { type: 'const void *', array: 'bias' },
  multiplier: { type: 'const uint16_t *', array: 'multiplier' },
  limit: { type: 'const int32_t *', array: 'saturation' },
  table: { type: 'const uint8_t *', array: 'table' },
} as const;
type Member = keyof typeof MEMBERS;

/** The type of the table of layers that have these members: no more, as constants take RAM on some boards. */
function layerType(prefix: string, members: readonly Member[]): Helper {
  const name = [`${prefix}_layer`, ...members, 't'].join('_');
  const lines = members.map((member) => `${MEMBERS[member].type}${member}`);
  return { name, code: render('kernels/word-layer-type.c.hbs', { name, members: lines }), size: {} };
}

/** The macro of functions that compilers leave as they stand, and adapt to no caller. */
export const apart = (prefix: string): Helper => ({
  name: `${prefix.toUpperCase()}_APART`,
  code: render('kernels/apart.c.hbs', { PREFIX: prefix.toUpperCase() }),
  size: {},
});

/** The macro that hides a value from the compiler. */
export const opaque = (prefix: string): Helper => ({
  name: `${prefix.toUpperCase()}_OPAQUE`,
  code: render('kernels/opaque.c.hbs', { PREFIX: prefix.toUpperCase() }),
  size: {},
});

/** Bytes of each pointer and number in the table of a layer, and how many there are beside its members. */
const WORD_BYTES = 4;
const WEIGHTS_AND_SHAPE = 3;

/** What follows a sum in C, for this output and the next one; the pointers it reads from, all but that of the table advancing. */
function storeThroughPointers(
  { layer: { requantization, table } }: KernelFacts,
  requantizer: Requantizer | null,
  prefix: string,
): {
  store: string;
  storeNext: string;
  pointers: string[];
  advance: string[];
  own: Helper[];
  suffix: string;
} {
  if (!requantization || !requantizer) {
    const [store, storeNext] = ['y[0] = accumulator;', 'y[1] = accumulator;'];
    return { store, storeNext, pointers: [], advance: [], own: [], suffix: 'raw' };
  }
  const { helper, multiplies, limited } = requantizer;
  const storeTo = (k: string): string => {
    const value = requantizer.call(`multiplier[${k}]`, `limit[${k}]`);
    return `y[${k}] = ${table ? `table[${value}]` : value};`;
  };
  return {
    store: storeTo('0'),
    storeNext: storeTo('1'),
    pointers: [
      ...(multiplies ? ['const uint16_t *multiplier = layer->multiplier;'] : []),
      ...(limited ? ['const int32_t *limit = layer->limit;'] : []),
      ...(table ? ['const uint8_t *const table = layer->table;'] : []),
    ],
    advance: [...(multiplies ? ['multiplier'] : []), ...(limited ? ['limit'] : [])],
    own: [helper],
    suffix: `${helper.name.slice(prefix.length + 1)}${table ? '_table' : ''}`,
  };
}

/** Terms that all functions of a kernel share, then those by which the functions of one kind differ from them. */
const byKinds = (kinds: readonly string[], counts: Terms): Terms =>
  Object.fromEntries(
    kinds.flatMap((kind) => Object.entries(counts).map(([name, count]) => [`${kind}, ${name}`, count])),
  );

/** A kernel whose layers are a table and a function, without what all such kernels share. */
type WordKernel = Omit<Kernel, 'template' | 'multiplierApart' | 'own'>;

/** What `Kernel.own` returns for such a layer. */
function wordLayer(
  kernel: WordKernel,
  bring: WordFunction,
  facts: KernelFacts,
  prefix: string,
  number: number,
): ReturnType<Kernel['own']> {
  const { layer, core } = facts;
  const { inputs, outputs, requantization: q, table } = layer;
  const requantizer = chooseRequantizer(facts, prefix, kernel.isWord ?? false);
  const { own, suffix, ...lines } = storeThroughPointers(facts, requantizer, prefix);
  const { kind, branches, rounds, ending } = storeKind(facts, requantizer);
  const isWide = kernel.biasApart && hasWideBias(layer);
  const name = `${prefix}_${bring.variant}_${suffix}${isWide ? '_wide' : ''}`;
  const has: Readonly<Record<Member, boolean>> = {
    bias: kernel.biasApart,
    multiplier: requantizer?.multiplies ?? false,
    limit: requantizer?.limited ?? false,
    table: table !== null,
  };
  const members = (Object.keys(MEMBERS) as Member[]).filter((member) => has[member]);
  const type = layerType(prefix, members);
  const code = render(bring.template, {
    ...bring.context,
    layerType: type.name,
    isUpper: requantizer?.form === 'upper',
    prefix,
    PREFIX: prefix.toUpperCase(),
    name,
    outputType: q ? 'uint8_t' : 'int32_t',
    biasType: isWide ? 'int32_t' : 'int16_t',
    ...lines,
  });
  const array = (stem: string): string => `${prefix}_${stem}${int(number)}`;
  const terms = `${kernel.name} ${kind}`;
  /** What it changes that an activation is limited without a comparison, for all kernels and for this one. */
  const ends = `limited ${ending}${branches ? '' : ', branch-free'}`;
  const limited = (times: Terms): Terms =>
    ending === null ? {} : byKinds([ends, `${kernel.name} ${ends}`], times);
  const shape: Terms = {
    ...limited({ code: 1 }),
    [kernel.name]: 1,
    // Compilers make no loops of blocks of one.
    [`code of ${bring.variant}`]: 1,
    [terms]: 1,
    [`${kernel.name} table`]: table ? 1 : 0,
    [`${terms} table`]: table ? 1 : 0,
    [`${kernel.name} wide bias`]: isWide ? 1 : 0,
  };
  return {
    context: {
      function: name,
      layerType: type.name,
      facts: [
        array('weights'),
        ...members.map((member) => array(MEMBERS[member].array)),
        `${int(inputs)}U`,
        `${int(outputs)}U`,
      ].join(', '),
    },
    helpers: [apart(prefix), type, ...own, ...bring.helpers, { name, code, size: shape }],
    work: {
      ...bring.work,
      always: {
        ...bring.work.always,
        ...byKinds([kernel.name, terms, ...(table ? [`${terms} table`] : [])], {
          ...bring.rounds,
          layer: 1,
          block: bring.blocks,
          output: outputs,
        }),
        ...limited({ output: outputs }),
        [`${kind}, output`]: outputs,
        ...(branches ? {} : { [`${kernel.name} rounds ${rounds}, output`]: outputs }),
        [`${kernel.name} table, layer`]: table ? 1 : 0,
        [`${kernel.name} table, output`]: table ? outputs : 0,
        [`${kernel.name} wide bias, output`]: isWide ? outputs : 0,
        [`${kernel.name} wide bias, block`]: isWide ? bring.blocks : 0,
      },
      positive: branches
        ? {
            ...limited({ positive: 1 }),
            [`${kind}, positive`]: 1,
            [`${terms}, positive`]: 1,
            [`${kernel.name} rounds ${rounds}, positive`]: 1,
          }
        : {},
      saturated:
        branches && (requantizer?.clamped || requantizer?.limited)
          ? { ...limited({ saturated: 1 }), [`${kind}, saturated`]: 1, [`${terms}, saturated`]: 1 }
          : {},
      frame: {
        [terms]: 1,
        ...(WORD_CORES[core]!.spills ? { [`frame of ${bring.variant}`]: 1 } : {}),
        [`${terms} table`]: table ? 1 : 0,
        [`${kernel.name} wide bias`]: isWide ? 1 : 0,
      },
      constantBytes: WORD_BYTES * (WEIGHTS_AND_SHAPE + members.length),
      code: { 'word layer': 1 },
    },
    spentBytes: bring.spentBytes,
  };
}

export const wordKernel = (
  kernel: WordKernel,
  bring: (facts: KernelFacts, prefix: string) => WordFunction,
): Kernel => ({
  ...kernel,
  template: 'kernels/word-layer.c.hbs',
  multiplierApart: true,
  own: (facts, prefix, number) => wordLayer(kernel, bring(facts, prefix), facts, prefix, number),
});
