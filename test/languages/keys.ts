import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { PACKAGE_ROOT } from '../../model/package-root.js';

/** What the sources say to people, read from their syntax. */

const FOLDERS = ['model', 'dataset', 'trainer', 'codegen', 'harness', 'cli'];
const TAGS = new Set(['t', 'm', 'phrase']);

/** Properties and arguments that people read. */
const PROPERTIES = new Set(['message', 'hint', 'summary', 'description', 'purpose', 'does', 'expected']);
const CALLS: Readonly<Record<string, number>> = {
  rejectData: 1,
  rejectState: 0,
  usage: 1,
  trouble: 1,
  reject: 1,
  refuse: 1,
  complain: 1,
  note: 0,
  warn: 0,
  detail: 0,
  progress: 0,
};
/** Words of a language, and not only what stands between values. */
const PROSE = /[a-z]{3,} [a-z]{2,}/i;

export interface Found {
  readonly place: string;
  readonly text: string;
}

export interface SaidTexts {
  /** The keys of the tagged templates. */
  readonly tagged: readonly Found[];
  /** Texts for people that no tag marks. */
  readonly untagged: readonly Found[];
}

function keyOf(template: ts.TemplateLiteral): string {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.text;
  const rest = template.templateSpans.map(({ literal }, i) => `{${i}}${literal.text}`);
  return template.head.text + rest.join('');
}

const isText = (node: ts.Node): node is ts.StringLiteral | ts.TemplateLiteral =>
  ts.isStringLiteral(node) || ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node);

/** The texts that an expression can come to. */
function textsIn(node: ts.Expression): (ts.StringLiteral | ts.TemplateLiteral)[] {
  if (isText(node)) return [node];
  if (ts.isParenthesizedExpression(node)) return textsIn(node.expression);
  if (ts.isConditionalExpression(node)) return [...textsIn(node.whenTrue), ...textsIn(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return [...textsIn(node.left), ...textsIn(node.right)];
  return [];
}

function readFile(file: string, tagged: Found[], untagged: Found[]): void {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(PACKAGE_ROOT, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found = (node: ts.Node, text: string): Found => ({
    place: `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`,
    text,
  });
  const require = (node: ts.Expression): void => {
    for (const text of textsIn(node)) {
      const said = isText(text) && ts.isStringLiteral(text) ? text.text : keyOf(text as ts.TemplateLiteral);
      if (PROSE.test(said)) untagged.push(found(text, said));
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && TAGS.has(node.tag.getText()))
      tagged.push(found(node, keyOf(node.template)));
    if (ts.isPropertyAssignment(node) && PROPERTIES.has(node.name.getText())) require(node.initializer);
    if (ts.isCallExpression(node)) {
      const name = ts.isPropertyAccessExpression(node.expression)
        ? node.expression.name.text
        : node.expression.getText();
      if (Object.hasOwn(CALLS, name)) node.arguments.slice(CALLS[name]).forEach(require);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** Of every source file of the product; the kernel in AssemblyScript says nothing. */
export function saidTexts(): SaidTexts {
  const tagged: Found[] = [];
  const untagged: Found[] = [];
  for (const folder of FOLDERS) {
    for (const name of readdirSync(path.join(PACKAGE_ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.includes('assembly')) continue;
      readFile(`${folder}/${name.replaceAll(path.sep, '/')}`, tagged, untagged);
    }
  }
  return { tagged, untagged };
}
