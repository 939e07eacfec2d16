import path from 'node:path';
import { t } from '../model/messages.js';

/** Where the four files of the MNIST database are to be had. */

const ADDRESS = 'https://storage.googleapis.com/cvdf-datasets/mnist';
/** curl itself takes the braces apart, whatever the shell. */
const FILES = '{train-images-idx3,train-labels-idx1,t10k-images-idx3,t10k-labels-idx1}-ubyte.gz';

/** A line for a shell that fetches them into the folder one is in. */
export const FETCH_MNIST = `curl -L --remote-name-all "${ADDRESS}/${FILES}"`;

/** How to get a file that is named as MNIST's are; null for any other. */
export function mnistHint(file: string): string | null {
  if (!/^(train|t10k)-(images-idx3|labels-idx1)-ubyte(\.gz)?$/.test(path.basename(file))) return null;
  return t`MNIST is four files; in the folder ${path.dirname(path.resolve(file))} run: ${FETCH_MNIST} (in PowerShell as curl.exe)`;
}
