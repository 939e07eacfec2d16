import { describe, expect, it } from 'vitest';
import * as layout from '../../trainer/engine/assembly/layout.js';

describe('the layout of the engine', () => {
  it.each(['H_', 'T_', 'L_'])('gives every field of %s bytes of its own', (prefix) => {
    const fields = Object.entries(layout).filter(([name]) => name.startsWith(prefix));
    const offsets = fields.map(([, offset]) => offset);
    expect(fields.length).toBeGreaterThan(3);
    expect(new Set(offsets).size).toBe(offsets.length);
    expect(offsets.every((offset) => offset % 4 === 0)).toBe(true);
  });
});
