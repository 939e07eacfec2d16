import { SANITIZERS, testHostCode } from '../support/differential.js';

testHostCode([
  ['clang', ['-std=c99', '-O0', '-funsigned-char', ...SANITIZERS]],
  ['clang', ['-std=c99', '-O2']],
  ['clang', ['-std=c99', '-O3', '-ffast-math']],
  ['clang', ['-std=c99', '-O3', '-flto'], 100],
]);
