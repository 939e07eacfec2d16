import type { CommandSpec } from './command-spec.js';
import { boards } from './commands/boards.js';
import { build } from './commands/build.js';
import { capture } from './commands/capture.js';
import { completion } from './commands/completion.js';
import { doctor } from './commands/doctor.js';
import { estimate } from './commands/estimate.js';
import { evaluate } from './commands/evaluate.js';
import { explain } from './commands/explain.js';
import { flash } from './commands/flash.js';
import { generate } from './commands/generate.js';
import { init } from './commands/init.js';
import { monitor } from './commands/monitor.js';
import { ports } from './commands/ports.js';
import { predict } from './commands/predict.js';
import { quantize } from './commands/quantize.js';
import { report } from './commands/report.js';
import { search } from './commands/search.js';
import { train } from './commands/train.js';
import { verify } from './commands/verify.js';

/** Every command, in the order in which they are used. */
export const COMMANDS: readonly CommandSpec[] = [
  init,
  capture,
  train,
  search,
  evaluate,
  predict,
  explain,
  quantize,
  estimate,
  generate,
  build,
  flash,
  verify,
  monitor,
  report,
  boards,
  ports,
  doctor,
  completion,
];
