import { describe, expect, it } from 'vitest';
import { invalidUtf8Offset } from '../../dataset/text-position.js';
import { createRandom } from '../../model/random.js';
import { load, problemOf } from './helpers.js';

/** The mark `@` stands where the fault is; its line and column are counted here, by other means than in the code. */
const MARKED: readonly (readonly [string, string])[] = [
  ['after a byte order mark', '\ufeff@oops,1,a\n1,2,b\n'],
  ['CRLF', 'p,q,y\r\n1,2,a\r\n3,@oops,b\r\n'],
  ['old Macintosh line ends', 'p,q,y\r1,2,a\r3,@oops,b\r'],
  ['mixed line ends', 'p,q,y\n1,2,a\r\n3,4,b\r5,@oops,b\n'],
  ['empty lines', 'p,q,y\n\n\r\n1,2,a\n\n\n3,@oops,b\n'],
  ['after quoted newlines', 'p,q,y\n1,2,"a\nb\r\nc"\n3,@oops,b\n'],
  ['after a quoted newline in the same row', 'y,p,q\n"a\nb",@oops,1\n'],
  ['after doubled quotes', 'y,p,q\n"a""b,""",@oops,1\n'],
  ['a quoted cell', 'p,q,y\n1,@"oops",a\n'],
  ['after characters of two, three and four bytes', 'y,p,q\né€😀,@oops,1\n'],
  ['after blanks', 'p,q,y\n1,   @oops  ,a\n'],
  ['tabs', 'p\tq\ty\n1\t@oops\ta\n'],
  ['semicolons', 'p;q;y\n1,5;@oops;a\n'],
  ['after a last line without an end', 'p,q,y\n1,2,a\n1,@oops,b'],
  ['blank line with blanks', 'p,q,y\n   \n1,@oops,b'],
];

function positionOfMark(marked: string): { line: number; column: number } {
  const before = marked
    .replace('\ufeff', '')
    .split('@')[0]
    .split(/\r\n|\r|\n/);
  return { line: before.length, column: [...before.at(-1)!].length + 1 };
}

describe('positions', () => {
  it.each(MARKED)('%s', async (_name, marked) => {
    const options = { label: marked.includes('y,p,q') ? 'y' : undefined };
    const problem = await problemOf(load(marked.replace('@', ''), options));
    expect(problem).toMatchObject({ code: 'cell-not-a-number', ...positionOfMark(marked) });
  });

  it('in long random files with quotes, across the chunks of the parser', async () => {
    const random = createRandom(11);
    const labels = ['plain', '"q,u"', '"new\nline"', '"say ""é€😀"""', ' blank '];
    const ends = ['\n', '\r\n', '\n\n'];
    for (let round = 0; round < 3; round++) {
      let text = '\ufeffname,first,second\n';
      const rows = 15_000 + random.below(5000);
      const bad = rows - 1 - random.below(3000);
      for (let r = 0; r < rows; r++) {
        const cell = r === bad ? '@1.2.3' : String(random.below(1e6));
        text += `${labels[random.below(5)]},${random.below(100)},${cell}${ends[random.below(3)]}`;
      }
      expect(text.length).toBeGreaterThan(2 ** 18);
      const problem = await problemOf(load(text.replace('@', ''), { label: 'name' }));
      expect(problem).toMatchObject({ code: 'cell-not-a-number', ...positionOfMark(text) });
    }
  });
});

const survivesDecoding = (bytes: Buffer): boolean => bytes.equals(Buffer.from(bytes.toString('utf8')));

describe('invalidUtf8Offset', () => {
  it('agrees with checking every prefix', () => {
    const random = createRandom(2);
    const text = Buffer.from('aé€😀zß\u0800\u{10ffff}'.repeat(6));
    for (let round = 0; round < 2000; round++) {
      const damaged = Buffer.from(text);
      damaged[random.below(damaged.length)] = random.below(256);
      let valid = damaged.length;
      while (!survivesDecoding(damaged.subarray(0, valid))) valid--;
      expect(invalidUtf8Offset(damaged)).toBe(valid === damaged.length ? -1 : valid);
    }
  });
});
