import type { LossName } from '../../trainer/loss.js';

/** Every word that `neurona explain` says. Symbols are the lecture's in either language. */
export interface Messages {
  readonly title: (row: number, data: string) => string;
  readonly network: string;
  readonly label: string;
  readonly decided: string;
  readonly target: string;
  readonly standardisedTarget: (values: string) => string;
  readonly predicted: string;
  readonly right: string;
  readonly wrong: string;
  readonly cost: string;
  readonly losses: Readonly<Record<LossName, string>>;

  readonly input: string;
  readonly standardised: string;
  readonly inputColumns: readonly [string, string, string, string];

  readonly forward: string;
  readonly layer: (from: number, to: number) => string;
  readonly elementByElement: string;
  readonly vectorForm: string;
  readonly terms: (count: number) => string;
  readonly more: (count: number) => string;
  readonly sameResult: (difference: string) => string;
  readonly outputVersusTarget: string;
  readonly smoothed: string;

  readonly backward: string;
  readonly cancels: string;
  readonly exercise: string;
  readonly perceptronRule: string;
  readonly noInputDelta: string;
  readonly accumulate: string;
  readonly biasColumn: string;

  readonly costTitle: string;
  readonly biasesLeftOut: string;
  readonly withRegularization: string;
  readonly leftOut: (options: string) => string;

  readonly gradient: string;
  readonly numericCheck: string;
  readonly gradientColumns: readonly [string, string, string];
  readonly checked: (checked: number, all: number) => string;
  readonly largestDifference: (difference: string) => string;
  readonly stepHasNoSlope: string;
  readonly descent: string;
}

const ENGLISH: Messages = {
  title: (row, data) => `Row ${row} of ${data}, forwards and backwards`,
  network: 'network',
  label: 'label',
  decided: 'decision',
  target: 'target',
  standardisedTarget: (values) => `(standardised: t = ${values})`,
  predicted: 'prediction',
  right: 'right',
  wrong: 'wrong',
  cost: 'cost',
  losses: { 'cross-entropy': 'cross-entropy', mse: 'squared error' },

  input: 'Input: a^(1) = x',
  standardised: 'x is the feature, standardised: (value − mean) / deviation',
  inputColumns: ['', 'value', 'mean', 'deviation'],

  forward: 'Forward propagation',
  layer: (from, to) => `Layer ${from} → ${to}`,
  elementByElement: 'Element by element (w_i0 is the bias, a_0 = 1):',
  vectorForm: 'In vector form:',
  terms: (count) => `(${count} terms)`,
  more: (count) => `… and ${count} more in the same way`,
  sameResult: (difference) => `Both ways give the same z: they differ by ${difference} at most.`,
  outputVersusTarget: 'The output is ŷ = a^(L); the data says y:',
  smoothed: 'Label smoothing has moved every y a part of the way to u, where nothing is known:',

  backward: 'Backpropagation',
  cancels:
    "The cost is cross-entropy: its ∂J/∂a times g'(z) leaves a − y, for sigmoid and softmax outputs alike.",
  exercise:
    "The cost is J = ½ Σ (t − a)², the lecture's exercise: here nothing cancels, so the factor g'(z) stays (t = y).",
  perceptronRule:
    "The output is a step, which has no slope to follow: δ = a − y makes ΔW ∝ (y − a)·x, Rosenblatt's rule.",
  noInputDelta: 'δ^(1): none. The input layer has no error of its own to correct.',
  accumulate: 'What the row adds to Δ',
  biasColumn: 'j = 0 is the bias',

  costTitle: 'Cost of this row',
  biasesLeftOut: '(biases left out)',
  withRegularization: 'together',
  leftOut: (options) => `The training also used ${options}, which is not in these formulas.`,

  gradient: 'Gradient',
  numericCheck: 'Beside it, its check by central differences',
  gradientColumns: ['', 'backpropagation', 'numeric'],
  checked: (checked, all) =>
    checked === all ? `All ${all} entries were checked.` : `${checked} of ${all} entries were checked.`,
  largestDifference: (difference) =>
    `The largest difference is ${difference}, relative to the largest entry of its layer.`,
  stepHasNoSlope:
    "A step is flat: the numeric gradient is 0 below it. Backpropagation uses a stand-in for g' there, so the two are not expected to agree.",
  descent: 'Gradient descent then moves every weight against it:',
};

const SPANISH: Messages = {
  title: (row, data) => `Fila ${row} de ${data}, hacia adelante y hacia atrás`,
  network: 'red',
  label: 'etiqueta',
  decided: 'decisión',
  target: 'objetivo',
  standardisedTarget: (values) => `(estandarizado: t = ${values})`,
  predicted: 'predicción',
  right: 'correcta',
  wrong: 'incorrecta',
  cost: 'costo',
  losses: { 'cross-entropy': 'entropía cruzada', mse: 'error cuadrático' },

  input: 'Entrada: a^(1) = x',
  standardised: 'x es la característica estandarizada: (valor − media) / desviación',
  inputColumns: ['', 'valor', 'media', 'desviación'],

  forward: 'Propagación hacia adelante (forward propagation)',
  layer: (from, to) => `Capa ${from} → ${to}`,
  elementByElement: 'Elemento por elemento (w_i0 es el sesgo, a_0 = 1):',
  vectorForm: 'En forma vectorial:',
  terms: (count) => `(${count} términos)`,
  more: (count) => `… y ${count} más de la misma manera`,
  sameResult: (difference) => `Ambas formas dan la misma z: difieren a lo más en ${difference}.`,
  outputVersusTarget: 'La salida es ŷ = a^(L); los datos dicen y:',
  smoothed:
    'El suavizado de etiquetas (label smoothing) movió cada y una parte del camino a u, donde no se sabe nada:',

  backward: 'Propagación hacia atrás (backpropagation)',
  cancels:
    "El costo es la entropía cruzada: su ∂J/∂a por g'(z) deja a − y, tanto para salidas sigmoide como softmax.",
  exercise:
    "El costo es J = ½ Σ (t − a)², el ejercicio de la clase: aquí nada se cancela y el factor g'(z) se queda (t = y).",
  perceptronRule:
    'La salida es un escalón, que no tiene pendiente: δ = a − y da ΔW ∝ (y − a)·x, la regla de Rosenblatt.',
  noInputDelta: 'δ^(1): no se calcula. La capa de entrada no tiene error que corregir.',
  accumulate: 'Lo que la fila suma a Δ',
  biasColumn: 'j = 0 es el sesgo',

  costTitle: 'Costo de esta fila',
  biasesLeftOut: '(sin los sesgos)',
  withRegularization: 'en total',
  leftOut: (options) => `El entrenamiento usó además ${options}, que no está en estas fórmulas.`,

  gradient: 'Gradiente',
  numericCheck: 'A su lado, su comprobación por diferencias centrales',
  gradientColumns: ['', 'backpropagation', 'numérico'],
  checked: (checked, all) =>
    checked === all ? `Se comprobaron las ${all} entradas.` : `Se comprobaron ${checked} de ${all} entradas.`,
  largestDifference: (difference) =>
    `La mayor diferencia es ${difference}, relativa a la mayor entrada de su capa.`,
  stepHasNoSlope:
    "Un escalón es plano: el gradiente numérico debajo de él es 0. Backpropagation usa ahí un sustituto de g', así que no se espera que coincidan.",
  descent: 'El descenso por gradiente mueve cada peso en su contra:',
};

export const MESSAGES = { es: SPANISH, en: ENGLISH } as const satisfies Record<string, Messages>;

export type Language = keyof typeof MESSAGES;

/** `es_MX.UTF-8` is Spanish; anything else is English. */
export const languageOf = (locale: string | undefined): Language => (locale?.startsWith('es') ? 'es' : 'en');
