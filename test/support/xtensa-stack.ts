/** Of a function with windowed registers: its frame, and those that it calls. */
interface Frame {
  readonly bytes: number;
  readonly called: readonly string[];
}

/** Names of constants are unique in a file; of those that are functions a function calls what it loads. */
function framesOf(assembly: string): Map<string, Frame> {
  const constants = new Map(
    [...assembly.matchAll(/^\t\.literal (\S+), (\S+)$/gm)].map(([, name, value]) => [name, value]),
  );
  const functions = assembly.matchAll(/^(\w+):\s+# @\w+\n([^]*?)^\.Lfunc_end/gm);
  return new Map(
    [...functions].map(([, name, body]) => {
      const entry = /^\tentry\ta1, (\d+)$/m.exec(body);
      if (!entry) throw new Error(`${name} begins without a frame`);
      const loaded = [...body.matchAll(/\tl32r\ta\d+, (\S+)/g)].map(([, constant]) =>
        constants.get(constant),
      );
      return [name, { bytes: Number(entry[1]), called: loaded.filter((value) => value !== undefined) }];
    }),
  );
}

/**
 * Stack of a function on LX6 and LX7 with all that it calls, in bytes, told by LLVM's assembly of its file: a simulated
 * core writes to no more of it than its windows spill, but an interrupt may spill them all.
 */
export function stackOf(assembly: string, name: string): number {
  const frames = framesOf(assembly);
  const deepest = (of: string): number => {
    const frame = frames.get(of);
    return frame ? frame.bytes + Math.max(0, ...frame.called.map(deepest)) : 0;
  };
  return deepest(name);
}
