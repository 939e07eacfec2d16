import { testHostCode } from '../support/differential.js';

testHostCode([
  ['gcc', ['-std=c99', '-O0']],
  ['gcc', ['-std=c99', '-O2', '-funsigned-char']],
  ['gcc', ['-std=c99', '-O3', '-ffast-math']],
  ['g++', ['-std=c++11', '-O2'], 100],
]);
