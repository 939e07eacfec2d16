import { testHostCode } from '../support/differential.js';

testHostCode([
  ['gcc', ['-std=c99', '-O0']],
  ['gcc', ['-std=c99', '-O2', '-funsigned-char', '-fwhole-program']],
  ['gcc', ['-std=c99', '-O3', '-ffast-math', '-fwhole-program']],
]);
