#!/usr/bin/env node
import { runProgram } from './program.js';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0); // whoever read us has seen enough, as in `neurona boards | head -1`
  });
}

process.exitCode = await runProgram(process.argv.slice(2));
