import { SANITIZERS, testHostCode } from '../support/differential.js';

testHostCode([
  ['gcc', ['-std=c99', '-O0']],
  ['gcc', ['-std=c99', '-O2', '-funsigned-char']],
  ['gcc', ['-std=c99', '-O3', '-ffast-math']],
  ['gcc', ['-std=c99', '-O0', ...SANITIZERS]],
  ['g++', ['-std=c++11', '-Os']],
]);
