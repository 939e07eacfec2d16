import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * `node shell.mjs ROOT`: a shell for the commands of documents, which reads a JSON array of commands from stdin and
 * prints one of `{ text, code }`. `neurona`, of the package in ROOT, runs inside this process, so that its modules are loaded once and not once a command; `cd` changes the
 * folder of all that follows; anything else goes to sh.
 */

const program = pathToFileURL(path.join(process.argv[2], 'dist', 'cli', 'program.js'));
const { runProgram } = await import(program.href);

async function runNeurona(words) {
  const streams = [process.stdout, process.stderr];
  const before = new Set(process.rawListeners('exit'));
  const writes = streams.map((stream) => stream.write);
  let text = '';
  for (const stream of streams) stream.write = (part) => Boolean((text += part));
  const code = await runProgram(words);
  streams.forEach((stream, k) => (stream.write = writes[k]));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  // What its own process would do at its end: unlock artefacts, remove temporary folders.
  for (const listener of process.rawListeners('exit').filter((one) => !before.has(one))) listener(code);
  return { text, code };
}

async function run(command) {
  const isNpx = command.startsWith('npx ');
  process.env.npm_lifecycle_event = isNpx ? 'npx' : '';
  process.env.npm_lifecycle_script = isNpx ? 'neurona' : '';
  const [name, ...words] = command
    .replace(/^npx /, '')
    .match(/'[^']*'|\S+/g)
    .map((word) => word.replace(/^'(.*)'$/s, '$1'));
  if (name === 'neurona' && !/[|>]/.test(command)) return runNeurona(words);
  if (name === 'cd') {
    process.chdir(words[0]);
    return { text: '', code: 0 };
  }
  const { status, stdout } = spawnSync('sh', ['-c', `exec 2>&1\n${command}`], { encoding: 'utf8' });
  return { text: stdout, code: status };
}

const results = [];
for (const command of JSON.parse(readFileSync(0, 'utf8'))) results.push(await run(command));
process.stdout.write(JSON.stringify(results));
