import { SANITIZERS, testHostCode } from '../support/differential.js';

testHostCode([
  ['clang', ['-std=c99', '-O0', '-funsigned-char']],
  ['clang', ['-std=c99', '-O2']],
  ['clang', ['-std=c99', '-O3', '-ffast-math', '-flto']],
  ['clang', ['-std=c99', '-O0', ...SANITIZERS]],
]);
