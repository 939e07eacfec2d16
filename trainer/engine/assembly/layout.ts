/**
 * Where TypeScript and WebAssembly meet: byte offsets within one layer's record and within the header, and the
 * numbers that stand for names. Read by both compilers, so plain integer constants only. Addresses and counts are
 * i32; fields under "f64" are doubles. Vectors of a layer are padded to whole panels of 8 units.
 */

/** Units per panel: a weight matrix is a row of panels, each (inputs + 1, 8), the last row being the biases. */
export const PANEL = 8;
export const PANEL_BYTES = 32; // of one row of f32

export const HEADER_BYTES = 512;
export const LAYER_BYTES = 256;
export const SUMS = 16896; // behind the records of 64 layers: f64 (2, 8), working space for one panel
export const THREADS = 17408; // the records of both threads, see T_ below
export const THREAD_BYTES = 128;
export const MOST_THREADS = 2;
export const BLOCK = 64; // inputs whose gradient is formed and used up in one go: it stays in the nearest cache
export const OUTPUT_ROWS = 16; // whose outputs are compared with their targets in one go
export const SCRATCH_BYTES = 8320;
export const ARENA = 20480; // where arrays begin

// ---- header, i32
export const H_LAYERS = 0;
export const H_ORDER = 4; // u32 row numbers of the epoch
export const H_ROWS = 8;
export const H_BATCH = 12;
export const H_DATA = 16; // (rows, inputs) of f32, or of u8 where H_FIXED; 0 where the data is sparse
export const H_LABELS = 20; // u16 (rows,)
export const H_TARGETS = 76; // f32 (rows, K) of a regression; 0 where there are classes
export const H_RATES = 24; // f32 (updates, 3): rate, corrected for Adam; correction of the second moment; see H_OPTIMIZER
export const H_SCRATCH = 28; // per thread, SCRATCH_BYTES each: f32 sums of δ and gradients, (4, 8) and (4, BLOCK, 8)
export const H_OUTPUTS = 92; // per thread, of OUTPUT_ROWS rows, 4 by 4, by unit: i32 labels, f32 δ of 4 rows, z, a and g'
export const H_SPARSE_START = 32; // u32 (rows + 1,) of the entries below
export const H_SPARSE_ENTRY = 36; // u32 (entries,): input << 8 | byte, of the bytes that do not stand for 0
export const H_SPARSE_TABLE = 40; // (256,) what a byte stands for: f32, or i32 where H_FIXED. So are values in lists
export const H_COLUMN_ENDS = 44; // per thread: u32 (inputs,), addresses where its parts of the inputs' lists end
export const H_COLUMN_LIST = 48; // (inputs, batch) of (u32 row offset, value): the batch's entries by input
export const H_COLUMN_STRIDE = 84; // bytes from one list to the next
export const H_OPTIMIZER = 52; // third of the rates: that of Muon; what AdamW leaves of the weights
export const H_LOSS = 56;
export const H_FIXED = 60; // 1: forward through the integers
export const H_READY = 64; // 1: the second thread waits to be summoned
export const H_CALLS = 68; // how often it was
export const H_STATUS = 72;
export const H_IS_QUANTIZED = 188; // i32: 1 where the integers are those of the present weights
export const H_WEIGHT_LIMIT = 80; // 127, 7 or 1
export const H_MUON = 120; // working space for the largest hidden layer; 0 for other optimisers …
export const H_MUON_BYTES = 124; // … and its size
export const H_ARE_ZERO_POINTS_SPLIT = 128; // 1: into remainders and quotients, see L_ZERO_PAIRS
// ---- header, f32
export const H_DECAY = 96; // λ/n
export const H_MOMENTUM = 100;
export const H_TARGET_NO = 104;
export const H_TARGET_YES = 108;
export const H_PULL = 176; // λ₁/n
export const H_CLASS_WEIGHTS = 180; // i32: f32 (classes,); 0 where all rows weigh the same
export const H_KEY = 192; // u64: of the epoch's noise, see trainer/noise.ts
export const H_STREAMS = 200; // (batch / 4, 4, 4) of u32: the generators of 4 rows each, word by word; 0 without noise
export const H_NOISE = 204; // f32 (65536,): what is added to inputs; 0 where nothing is
export const H_DROP_BELOW = 208; // u32: numbers below it drop a neuron
export const H_RANDOM = 240; // u32 (4,): the state of the numbers that rows are shuffled by
export const H_FROM = 112; // i32: rows of the order to do steps for
export const H_TO = 116;
// ---- header, f64
export const H_LOW = 144; // result of `measureRange`
export const H_HIGH = 152;
export const H_GAIN = 216; // of the activations that dropout leaves; 1 where it leaves all
export const H_CLIP = 168; // root mean squares of a neuron's weights beyond which they saturate, or 0
export const H_DECISION = 160; // the decision threshold of a lone output neuron

export const H_MOST_SCALE = 224; // of a grid of activations that are sums over a power of two; infinity but while such powers are tried
export const H_POWERS = 256; // (2,): β₁ and β₂ of Adam to the power of the number of updates
export const H_WEIGHT_DECAY = 272; // of AdamW
export const H_LEARNING_RATES = 280; // i32: f64 (updates,) of the epoch
export const H_PARAMETERS = 284; // i32: f64, all weights and biases as `Parameters.vector` has them
export const H_WIDE_REALS = 288; // i32: of few inputs, f32 (rows, inputs filled up to panels) that the integers stand for …
export const H_WIDE_INTEGERS = 292; // … and i16 (rows, inputs filled up to panels); else 0
export const H_FREELY_LOST = 232; // `lostShare` of the layer that was quantised last, by the width of its weights alone; kept where …
export const H_MEASURES = 212; // … i32: 1

// ---- thread: rows of a batch's one half, whichever thread takes them
export const T_ARRIVALS = 0; // u32, see threads.ts
export const T_ASLEEP = 4;
export const T_RIGHT = 64; // result: rows whose class was right
export const T_EXPONENT = 68; // result, see T_PRODUCT
export const T_COST = 72; // result, f64: Σ cost − log(T_PRODUCT · 2^T_EXPONENT)
export const T_PRODUCT = 80; // result, f64

// ---- layer, i32
export const L_INPUTS = 0;
export const L_OUTPUTS = 4;
export const L_PANELS = 8;
export const L_STRIDE = 12; // bytes of one row of units
export const L_ACTIVATION = 16;
export const L_IN_ROWS = 20; // u32 (batch,) addresses of the input rows
export const L_WEIGHTS = 24; // f32 panels
export const L_FIRST = 28; // f32 panels: velocity, or Adam's first moment
export const L_SECOND = 32;
export const L_TRANSPOSED = 36; // f32 panels of Wᵀ, without bias
export const L_Z = 40; // (batch, units): f32 z; the accumulators' i32 dots on the way
export const L_A = 44; // f32 (batch, units): activations
export const L_SLOPE = 48; // f32 (batch, units): g'(z); of ReLU's integers as bits, see L_MASK
export const L_DELTA = 52;
export const L_INTEGERS = 56; // the integer weights, see rounding.ts
export const L_MASK = 60; // (batch, units): all bits 0 where the integers saturate, 1 elsewhere
export const L_SCALE = 64; // f64 (units,) per neuron: weight scale …
export const L_STEP = 68; // … z per unit of accumulator
export const L_BIAS = 72; // … integer bias
export const L_OFFSET = 76; // … accumulator offset
export const L_MULTIPLIER = 80;
export const L_TABLE = 84; // u8 (256,), or 0
export const L_ZERO_POINTS = 88; // f32 (inputs,) of the first layer's input grid
export const L_IS_THRESHOLD = 92;
export const L_NEEDS_STAGE = 96; // 1: the stage depends on the weights, ask for it whenever stepScale is above
export const L_SHIFT = 100;
export const L_IS_RELU = 108; // 1: ReLU in floating point, whose g' is 1 where a > 0: z and g' are not kept
export const L_IN_MAXIMUM = 104;
export const L_ACCUMULATOR = 112; // bits that its sums must fit, or 0
export const L_UNIT_SHIFT = 252;
export const L_IN_INTEGER_ROWS = 248; // u32 (batch,) addresses of the input rows' integers
export const L_IN_INTEGERS = 116; // i16 (batch, inputs): the integers of its input rows …
export const L_IN_STRIDE = 120; // … and the bytes of one
export const L_SUMS = 124; // (panels, SUM_BYTES): what bounds the sums, see S_ below
export const L_IS_STALE = 228; // u8 (panels,): 1 where a scale has changed since the panel was rounded
export const L_CONSTANTS = 232; // (panels, CONSTANTS, 8) of i32, of the last quantisation
export const L_ZERO_PAIRS = 236; // i16 (input pairs, 2, 2): their remainders modulo 128, then quotients, or themselves, then 0; 0 where all are alike
// ---- layer, f64
export const L_IN_SCALE = 128;
export const L_IN_ZERO_POINT = 136;
export const L_GAIN = 144;
export const L_STAGE_OFFSET = 152;
export const L_STAGE_SCALE = 160;
export const L_STAGE_ZERO_POINT = 168;
export const L_MAXIMUM = 176; // of the requantisation by multipliers, or of a table
export const L_BASE_SCALE = 184; // the stage's scale by the range alone
export const L_REACH = 192;
export const L_LOW = 200; // beyond these the slope is 0
export const L_HIGH = 208;
export const L_UNIT = 240; // of its sums, that make one of its activations, 2^L_UNIT_SHIFT; 0 where multipliers do

// ---- rows of L_CONSTANTS, by byte
export const C_BIAS = 0;
export const C_MULTIPLIER = 32;
export const C_CAP = 64; // the least accumulator whose activation is the largest
export const C_ABOVE = 96; // g' is 0 from here down (ReLU alone) …
export const C_LAST = 128; // … and above this
export const C_STEP = 160; // f32
export const CONSTANT_BYTES = 192; // of a panel

// ---- sums of a panel's integer weights q, by byte: i32 (8,) Σ q above 0, then …
export const S_BELOW = 32; // … Σ q below 0 …
export const S_ZERO_POINT = 64; // … and f64 (8,) Σ q·zeroPoint
export const SUM_BYTES = 128;

// ---- names
export const SGD = 0;
export const ADAM = 1;
export const MUON = 2; // of hidden layers; Adam of the output layer and of biases
export const NESTEROV = 3;
export const RMSPROP = 4;
export const ADAMW = 5;
export const CROSS_ENTROPY = 0;
export const MSE = 1;

export const IDENTITY = 0;
export const STEP = 1;
export const SIGMOID = 2;
export const TANH = 3;
export const RELU = 4;
export const LEAKY_RELU = 5;
export const ELU = 6;
export const SOFTPLUS = 7;
export const HARD_SIGMOID = 8;
export const HARD_TANH = 9;
export const SOFTMAX = 10;

export const OK = 0;
export const NOT_FINITE = 1;
export const BIAS_OVERFLOW = 2;
