import { LineCounter, parseAllDocuments, type Document, type YAMLError } from 'yaml';
import type { FilePosition, Problem } from '../problem';
import { duplicateKeys } from './duplicate-keys';
import { positionsIn, YamlLocator } from './locator';

/** One YAML document: its content as plain data, and where each field of it stands. */
export interface YamlDocument {
  readonly value: unknown;
  readonly locator: YamlLocator;
}

/** What a text holds. Documents with syntax errors are missing from `documents`. */
export interface ParsedText {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
}

/**
 * Aliases a document may expand to. Real files use a handful; the "billion laughs" file would grow to gigabytes.
 */
const MAX_ALIASES = 1000;

/** `merge`: KAITO's own reader knows `<<`. `logLevel`: a library does not write to the terminal. `uniqueKeys`: see `duplicateKeys`. */
const OPTIONS = { prettyErrors: false, merge: true, logLevel: 'error', uniqueKeys: false } as const;

/** What the parser reports when it runs out of stack: V8's words. */
const STACK_OVERFLOW = 'Maximum call stack size exceeded';

const TOO_DEEP = { message: 'is nested too deeply to be read', next: 'write it flatter' } as const;

const ADVICE: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces: YAML forbids tabs there',
  BAD_INDENT: 'line the fields of one map up in one column',
  MULTILINE_IMPLICIT_KEY: 'check the colon and the indentation of this line',
  MISSING_CHAR: 'check the quotes, brackets and colons of this line and the one before',
  BLOCK_AS_IMPLICIT_KEY: 'check the indentation of this line and the one before',
};

/** Parse the YAML `text`. Never throws. */
export function parseText(text: string, file: string): ParsedText {
  const counter = new LineCounter();
  return parseWith(text, counter, positionsIn(file, counter));
}

/** Parse `text`, whose positions `position` knows. */
export function parseWith(
  text: string,
  counter: LineCounter,
  position: (offset: number) => FilePosition,
): ParsedText {
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  // Only an anchor can make a value contain itself.
  const hasAnchors = text.includes('&');
  try {
    for (const document of parseAllDocuments(text, { ...OPTIONS, lineCounter: counter })) {
      problems.push(...syntaxProblems(document, position));
      if (document.errors.length > 0) continue;
      problems.push(...duplicateKeys(document).map((offset) => duplicateKey(position(offset))));
      const locator = new YamlLocator(document, position);
      try {
        const value = plainValue(document, hasAnchors);
        if (value !== null) documents.push({ value, locator });
      } catch (error) {
        problems.push(unreadable(error, locator.locate('')));
      }
    }
  } catch (error) {
    problems.push(unreadable(error, position(0)));
  }
  return { documents, problems };
}

function syntaxProblems(document: Document, position: (offset: number) => FilePosition): Problem[] {
  const toProblem = (severity: Problem['severity']) => (error: YAMLError) => {
    const next = ADVICE[error.code];
    const place = { severity, position: position(error.pos[0]), field: '' };
    if (error.message.includes(STACK_OVERFLOW)) return { ...place, code: 'malformed-yaml', ...TOO_DEEP };
    return {
      ...place,
      code: 'malformed-yaml',
      message: lowerFirst(error.message),
      ...(next !== undefined && { next }),
    };
  };
  return [...document.errors.map(toProblem('error')), ...document.warnings.map(toProblem('warning'))];
}

function duplicateKey(position: FilePosition): Problem {
  return {
    severity: 'error',
    code: 'duplicate-key',
    position,
    field: '',
    message: 'this key stands twice in one map',
    next: 'remove one of the two',
  };
}

function plainValue(document: Document, hasAnchors: boolean): unknown {
  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  // It throws on a value that contains itself.
  if (hasAnchors) JSON.stringify(value);
  return value;
}

function unreadable(error: unknown, position: FilePosition): Problem {
  const place = { severity: 'error', code: 'malformed-yaml', position, field: '' } as const;
  if (error instanceof RangeError) return { ...place, ...TOO_DEEP };
  const message = error instanceof Error ? error.message : String(error);
  return {
    ...place,
    message: `cannot be expanded: ${lowerFirst(message.split('\n')[0] ?? '')}`,
    next: 'write the values out instead of repeating them with aliases',
  };
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
