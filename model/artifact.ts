import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseTree, type ParseError } from 'jsonc-parser';
import type { z } from 'zod';
import { fileReason } from './file-error.js';
import { jsonText } from './json-text.js';
import { m, t } from './messages.js';
import { currentLocale } from './schema-messages.js';
import { rejectData } from './problem.js';

/**
 * Artefact files: JSON that a person can open, headed by kind, format version and a SHA-256 over every other
 * byte of the file, so that any change at all is noticed.
 */

/** The newest format. Regressions came with the second, the probabilities of a model with the third. */
export const FORMAT_VERSION = 3;
type FormatVersion = 1 | 2 | 3;
const isFormatVersion = (version: unknown): version is FormatVersion =>
  version === 1 || version === 2 || version === 3;

const KINDS = {
  network: m`a float network (made by \`neurona train\`)`,
  model: m`an integer model (made by \`neurona quantize\`)`,
  checkpoint: m`a checkpoint (made by an interrupted \`neurona train\`)`,
  firmware: m`a firmware folder (made by \`neurona generate\`)`,
} as const;

export type ArtifactKind = keyof typeof KINDS;

const NO_HASH = '0'.repeat(64);
const HASH_FIELD = /"hash": "([0-9a-f]{64})"/;

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** The bytes of an artefact file and its hash. `version` is the first format that can say what it holds. */
export function artifactText(
  kind: ArtifactKind,
  body: object,
  version: FormatVersion = 1,
): { text: string; hash: string } {
  const unsigned = jsonText({ neurona: kind, version, hash: NO_HASH, ...body });
  const hash = sha256(unsigned);
  return { text: unsigned.replace(HASH_FIELD, `"hash": "${hash}"`), hash };
}

/** 1-based line and column of a character offset. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** `layers[1].weights[17]` */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i ? '.' : ''}${String(key)}`))
    .join('');
}

function rejectNoArtifact(message: string, file: string): never {
  rejectData('not-an-artifact', message, {
    file,
    hint: t`neurona train makes a network, neurona quantize makes a model of it`,
  });
}

function parseJson(text: string, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (/^\s*[^\s{]/.test(text)) {
      rejectNoArtifact(t`not a Neurona file: expected a JSON object`, file);
    }
    const errors: ParseError[] = [];
    parseTree(text, errors, { disallowComments: true });
    const first = errors[0] ?? { error: 1, offset: text.length, length: 0 };
    rejectData('not-json', t`not valid JSON; the file is damaged or cut short`, {
      file,
      ...position(text, first.offset),
      hint: t`make it again, or restore it from a copy`,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    rejectNoArtifact(t`not a Neurona file: expected a JSON object`, file);
  }
  return value as Record<string, unknown>;
}

/** Reads only the kind, so that a command that takes several kinds can choose. Throws a `Problem` like `readArtifact`. */
export function artifactKind(file: string): ArtifactKind {
  const kind = parseJson(readText(file), file).neurona;
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) {
    rejectNoArtifact(t`not a Neurona file: it has no "neurona" field that says its kind`, file);
  }
  return kind as ArtifactKind;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    rejectData('cannot-read', t`cannot read it: ${fileReason(error)}`, { file, hint: t`check the path` });
  }
}

/**
 * Reads an artefact: JSON, kind, version, every field against `schema`, then the hash.
 * Throws a `Problem` that says where and what; nothing is allocated from sizes a damaged file claims.
 */
export function readArtifact<T>(
  file: string,
  kind: ArtifactKind,
  schema: z.ZodType<T>,
): { body: T; hash: string } {
  const text = readText(file);
  const value = parseJson(text, file);
  const { neurona, version, hash, ...body } = value;
  if (neurona !== kind) {
    const found =
      typeof neurona === 'string' && Object.hasOwn(KINDS, neurona)
        ? KINDS[neurona as ArtifactKind]
        : t`something else`;
    rejectData('wrong-kind', t`this is ${found}; expected ${KINDS[kind]}`, { file });
  }
  if (typeof version === 'number' && version > FORMAT_VERSION) {
    rejectData(
      'newer-format',
      t`written by ${version}, this reads ${FORMAT_VERSION}: the file's format is newer than this neurona`,
      {
        file,
        hint: t`update neurona: npm install -g neurona@latest`,
      },
    );
  }
  if (!isFormatVersion(version)) {
    const message = t`version is ${JSON.stringify(version)}; expected 1..${FORMAT_VERSION}`;
    rejectData('wrong-format', message, { file });
  }
  const checked = schema.safeParse(body, currentLocale());
  if (!checked.success) {
    const issue = checked.error.issues[0];
    rejectData('wrong-field', `${fieldPath(issue.path) || t`the file`}: ${issue.message}`, {
      file,
      hint: t`the file was changed by hand or damaged; make it again`,
    });
  }
  const written = HASH_FIELD.exec(text);
  if (
    typeof hash !== 'string' ||
    !written ||
    written[1] !== hash ||
    sha256(text.replace(HASH_FIELD, `"hash": "${NO_HASH}"`)) !== hash
  ) {
    rejectData('hash-mismatch', t`its content does not match its hash: the file was changed or damaged`, {
      file,
      hint: t`make it again; artefacts are not meant to be edited`,
    });
  }
  return { body: checked.data, hash };
}
