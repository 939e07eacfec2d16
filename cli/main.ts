#!/usr/bin/env node
import { runProgram } from './program.js';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // Whoever read us has seen enough, as in `neurona boards | head -1`; the run goes on to its own end and exit code.
  });
}

process.exitCode = await runProgram(process.argv.slice(2));
