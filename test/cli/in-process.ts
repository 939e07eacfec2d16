import { pathToFileURL } from 'node:url';

/** Runs of the built program inside this process: most of a short run is else the start of Node and its modules. */

export interface Surroundings {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly deadlineMilliseconds: number;
}

type Program = { readonly runProgram: (words: readonly string[]) => Promise<number> };
type Write = typeof process.stdout.write;

const STREAMS = ['stdout', 'stderr'] as const;
const EVENTS = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Listener = (...values: unknown[]) => void;

const listenersOf = (): Listener[][] =>
  EVENTS.map((event) => process.listeners(event as 'exit') as Listener[]);

/** What the program asked of the process: what it does at the exit is done, what it does at signals forgotten. */
function endListeners(before: readonly Listener[][]): void {
  EVENTS.forEach((event, e) => {
    for (const listener of process.listeners(event as 'exit') as Listener[]) {
      if (before[e].includes(listener)) continue;
      process.removeListener(event, listener);
      if (event === 'exit') listener(0);
    }
  });
}

/** The environment as it is to be during a run; returns what brings back the former one. */
function setEnvironment(changes: NodeJS.ProcessEnv): () => void {
  const former = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(changes)) set(name, value);
  return () => former.forEach(([name, value]) => set(name, value));
}

async function runAlone(main: string, words: readonly string[], surroundings: Surroundings) {
  const { runProgram } = (await import(pathToFileURL(main).href)) as Program;
  const text = { stdout: '', stderr: '' };
  const writes = STREAMS.map((name) => process[name].write);
  const [listeners, folder] = [listenersOf(), process.cwd()];
  const resetEnvironment = setEnvironment(surroundings.env);
  process.chdir(surroundings.folder);
  for (const name of STREAMS) {
    process[name].write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      text[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      const done = rest.at(-1);
      if (typeof done === 'function') queueMicrotask(done as () => void);
      return true;
    }) as Write;
  }
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<null>(
    (resolve) => (timer = setTimeout(() => resolve(null), surroundings.deadlineMilliseconds)),
  );
  try {
    const code = await Promise.race([runProgram(words), hung]);
    return { code, ...text };
  } finally {
    clearTimeout(timer);
    STREAMS.forEach((name, k) => (process[name].write = writes[k]));
    endListeners(listeners);
    process.chdir(folder);
    resetEnvironment();
  }
}

let last: Promise<unknown> = Promise.resolve();

/** Runs `runProgram` of the module `main`, one run after another; the code is null where the deadline passed. */
export function runInProcess(
  main: string,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const run = last.then(() => runAlone(main, words, surroundings));
  last = run.catch(() => {});
  return run;
}
