import { readDocuments, type ReadResult } from '../../src/spec/read-documents';

/** Stands before the character where the first problem is expected. */
const MARK = '¦';

export interface Marked {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** The text without its mark, and where the mark stood. */
export function marked(text: string): Marked {
  const before = text.slice(0, text.indexOf(MARK)).split('\n');
  return { text: text.replace(MARK, ''), line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** Read one file named `w.yaml`. */
export function readText(text: string): ReadResult {
  return readDocuments([{ file: 'w.yaml', text }]);
}

/** A KAITO Workspace that is served from a preset, with `more` lines at top level. */
export function kaito(more = '', head = ''): string {
  return `apiVersion: kaito.sh/v1beta1
kind: Workspace
metadata:
  name: chat
${head}inference:
  preset:
    name: phi-4
${more}`;
}

/** A Slipway Workspace with `body` at top level. */
export function own(body: string): string {
  return `apiVersion: slipway.dev/v1alpha1
kind: Workspace
metadata:
  name: chat
${body}`;
}
