import type { Html } from '../markup.js';
import type { Subject } from '../subject.js';

/** A chapter of the report; null where there is nothing to say of the subject. */
export type Section = (subject: Subject) => { readonly title: string; readonly body: Html } | null;
