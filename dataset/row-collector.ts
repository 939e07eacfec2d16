import type { Hash } from 'node:crypto';
import type { ImageResize, ImageSize, Task } from '../model/network.js';
import type { Dataset } from './dataset.js';
import type { SourceFile } from './source-file.js';

/** What the caller knows about the data before they are read. */
export interface LoadOptions {
  /**
   * Name of the label column, or its number counted from 1; the last column by default. In a regression it may be a
   * list of columns, with commas between them.
   */
  readonly label?: string;
  /** Whether labels are names or numbers; the reference's task, or classification, by default. */
  readonly task?: Task;
  /** The columns to use as features, in this order, by name or by number counted from 1; all others by default. */
  readonly features?: readonly string[];
  /** Columns that are neither features nor the label. */
  readonly ignore?: readonly string[];
  /** Whether the first row holds names; detected by default. */
  readonly header?: boolean;
  /** What a trained artefact expects: its features, and no labels but its classes, or its targets. */
  readonly reference?: Reference;
  /** The size to bring images to, where there is no reference, and what of their middle to keep before. */
  readonly resize?: ImageSize;
  readonly crop?: ImageSize;
  /** Rows of exactly the reference's features are accepted as data without labels. */
  readonly labelsOptional?: boolean;
  /** Labels of tables are read only where `label` names their column. */
  readonly onlyNamedLabel?: boolean;
  /** Hears how a file was read, where that goes without saying for few: with decimal commas. */
  readonly note?: (text: string) => void;
}

/** `targets` are those of a regression; a classification has none. */
export interface Reference {
  readonly features: readonly string[];
  readonly classes: readonly string[];
  readonly targets?: { readonly names: readonly string[] } | null;
  /** Images are resized so, or have the resulting size already. */
  readonly resize?: ImageResize;
}

export const isRegression = ({ task, reference }: LoadOptions): boolean =>
  reference ? !!reference.targets : task === 'regression';

/** Gathers the rows of several files of one kind. */
export interface RowCollector {
  /**
   * Reads all of a file, feeding `hash` with its bytes. Throws a `Problem` for a file that is damaged or does not fit
   * those before it.
   */
  add(source: SourceFile, hash: Hash): Promise<void>;
  /** To be called once, after at least one file. */
  finish(): Omit<Dataset, 'name' | 'sha256'>;
}
